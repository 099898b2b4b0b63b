"""The department tree: ancestors for selection rules and reports; refuses loops and orphans."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pos_core.catalog.item import Department
from pos_core.errors import InvalidInput

DEPTH_MAX = 12


class BadDepartmentTree(InvalidInput):
    """`facts`: `department_code` and `reason`: doubled, orphan, loop (or deeper than DEPTH_MAX)."""

    code = "bad_department_tree"


class DepartmentTree:
    """Departments by code. Raises BadDepartmentTree for a code twice, a missing parent, a loop."""

    def __init__(self, departments: Iterable[Department]) -> None:
        self._by_code: dict[str, Department] = {}
        for department in departments:
            if department.department_code in self._by_code:
                raise _bad(department.department_code, "doubled")
            self._by_code[department.department_code] = department
        for code in self._by_code:
            self.path(code)

    def __contains__(self, code: object) -> bool:
        return code in self._by_code

    def __iter__(self) -> Iterator[Department]:
        return iter(self._by_code.values())

    def path(self, code: str) -> tuple[Department, ...]:
        """From the root down to the department itself. Raises BadDepartmentTree for an unknown code."""
        path: list[Department] = []
        at: str | None = code
        while at is not None:
            if at not in self._by_code:
                raise _bad(at, "orphan")
            if len(path) >= DEPTH_MAX:
                raise _bad(code, "loop")
            path.append(self._by_code[at])
            at = self._by_code[at].parent_code
        return tuple(reversed(path))

    def is_within(self, code: str, ancestor_code: str) -> bool:
        """True when `code` is `ancestor_code` or below it."""
        return any(department.department_code == ancestor_code for department in self.path(code))


def _bad(code: str, reason: str) -> BadDepartmentTree:
    return BadDepartmentTree(f"department {code}: {reason}", department_code=code, reason=reason)
