"""The catalogue as promotions see it: items that some promotion names, and kinds of all the others.

Items of one brand, department and tags are alike to every promotion that names none of them. So a hundred
thousand items are a few thousand kinds, which the database counts, and the few that are named.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from pos_core.pricing.selection import Selection
from sync_server.services.console.goods_facts import path_of
from sync_server.store import catalog
from sync_server.store.catalog import KindRow
from sync_server.store.engine import Txn

EXAMPLES = 3


@dataclass(frozen=True, slots=True)
class Alike:
    """Items that fit the same promotions.

    Attributes:
        sku, name: of an item that some promotion names; "" where the items are a kind's others.
    """

    row: KindRow
    sku: str
    name: str
    brand: str
    departments: tuple[str, ...]
    tags: tuple[str, ...]
    items: int


class GoodsKinds:
    """Reads within one transaction. `parents`: department → the one above (ChainView.departments)."""

    def __init__(self, txn: Txn, parents: Mapping[str, str | None]) -> None:
        self._txn = txn
        self._parents = parents
        self._named: set[str] = set()
        self._names: dict[KindRow, list[tuple[str, str]]] = {}

    def that_may_fit(self, wanted: Collection[Selection], others: Collection[Selection]) -> list[Alike]:
        """All goods of `wanted` and maybe more, told apart as `wanted` and `others` tell them apart."""
        if all(each.any_of and all(clause.skus for clause in each.any_of) for each in wanted):
            skus = {sku for each in wanted for clause in each.any_of for sku in clause.skus}
            return self._by_name(skus)
        clauses = [clause for each in (*wanted, *others) for clause in (*each.any_of, *each.exclude)]
        self._named = {sku for clause in clauses for sku in clause.skus}
        named = self._by_name(self._named)
        apart: dict[tuple[str | None, ...], int] = {}
        for one in named:
            apart[one.row.values] = apart.get(one.row.values, 0) + 1
        kinds = [(row, row.items - apart.get(row.values, 0)) for row in catalog.kinds(self._txn)]
        return [*named, *(self._alike(row, items) for row, items in kinds if items)]

    def examples(self, found: Iterable[Alike]) -> tuple[str, ...]:
        """Names of the first items of all these, by SKU."""
        first: list[tuple[str, str]] = []
        for alike in sorted(found, key=lambda each: each.row.first_sku):
            if len(first) == EXAMPLES and first[-1][0] < alike.row.first_sku:
                break
            more = [(alike.sku, alike.name)] if alike.sku else self._first_of(alike)
            first = sorted([*first, *more])[:EXAMPLES]
        return tuple(name for _, name in first)

    def _first_of(self, alike: Alike) -> list[tuple[str, str]]:
        """Without those that are named, which stand for themselves."""
        if alike.row not in self._names:
            rows = catalog.of_kind(self._txn, alike.row, EXAMPLES + alike.row.items - alike.items)
            self._names[alike.row] = [row for row in rows if row[0] not in self._named]
        return self._names[alike.row]

    def _by_name(self, skus: Collection[str]) -> list[Alike]:
        return [self._alike(row, 1, sku, name) for sku, name, row in catalog.with_kinds(self._txn, skus)]

    def _alike(self, row: KindRow, items: int, sku: str = "", name: str = "") -> Alike:
        departments = path_of(row.department_code, self._parents)
        tags = tuple(json.loads(row.tags or "[]"))
        return Alike(row, sku, name, row.brand or "", departments, tags, items)
