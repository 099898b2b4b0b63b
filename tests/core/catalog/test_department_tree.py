"""Departments form a tree."""

from __future__ import annotations

import pytest

from pos_core.catalog.department_tree import DEPTH_MAX, BadDepartmentTree, DepartmentTree
from pos_core.catalog.item import Department


def _tree(*edges: tuple[str, str | None]) -> DepartmentTree:
    return DepartmentTree(Department(code, parent, code, code) for code, parent in edges)


def test_a_path_leads_from_the_root_down() -> None:
    tree = _tree(("111", "11"), ("1", None), ("11", "1"), ("2", None))
    assert [department.department_code for department in tree.path("111")] == ["1", "11", "111"]
    assert tree.is_within("111", "1") and tree.is_within("1", "1") and not tree.is_within("1", "11")
    assert "2" in tree and "3" not in tree and len(list(tree)) == 4


@pytest.mark.parametrize(
    ("edges", "reason"),
    [
        ([("1", None), ("1", None)], "doubled"),
        ([("1", "9")], "orphan"),
        ([("1", "1")], "loop"),
        ([("1", "2"), ("2", "1")], "loop"),
        ([("0", None)] + [(str(n), str(n - 1)) for n in range(1, DEPTH_MAX + 1)], "loop"),
    ],
)
def test_what_is_no_tree_is_refused(edges: list[tuple[str, str | None]], reason: str) -> None:
    with pytest.raises(BadDepartmentTree) as refused:
        _tree(*edges)
    assert refused.value.facts["reason"] == reason
