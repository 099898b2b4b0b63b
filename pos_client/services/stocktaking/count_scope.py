"""What a stocktake by department counts: the departments that are chosen, and all below them."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from pos_client.log import get_logger
from pos_client.replica import lookups
from pos_client.replica.replica import Replica
from pos_core.catalog.department_tree import BadDepartmentTree, DepartmentTree
from pos_core.catalog.item import Department

_log = get_logger(__name__)


class CountScope:
    """Reads the tree once."""

    def __init__(self, replica: Replica) -> None:
        self._known = {each.department_code: each for each in replica.read(lookups.departments)}
        self._tree: DepartmentTree | None = None
        try:
            self._tree = DepartmentTree(self._known.values())
        except BadDepartmentTree as error:  # a typing error at head office must not stop a count
            _log.error("departments_not_understood", **error.as_dict())

    def paths(self) -> list[tuple[Department, ...]]:
        """Every department from its root down to itself, in the order of the tree."""
        if self._tree is None:
            return [(each,) for each in self._known.values()]
        found = [self._tree.path(code) for code in self._known]
        return sorted(found, key=lambda path: [each.department_code for each in path])

    def has(self, code: str) -> bool:
        """Whether there is such a department."""
        return code in self._known

    def name_of(self, code: str | None) -> str:
        """A department as head office writes it; its code where it is not known."""
        found = self._known.get(code or "")
        return (code or "") if found is None else found.name

    def is_within(self, code: str | None, scope: Collection[str]) -> bool:
        """Whether a department is one of `scope`, or below one."""
        if code is None or self._tree is None or code not in self._known:
            return code in scope
        return any(each.department_code in scope for each in self._tree.path(code))

    def names(self, scope: Iterable[str]) -> str:
        """For a heading."""
        return " ".join(self.name_of(code) for code in scope)
