"""What promotions may ask about items: brand, departments, tags, floor, and how they are sold."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pos_core.catalog.item import GIFT_TAG
from pos_core.customer.stored_value import STORED_VALUE_TAG
from pos_core.sync.reference import KINDS
from sync_server.store import masters
from sync_server.store.engine import Txn

TREE_DEPTH_MAX = 32
_COLUMNS = KINDS["item"].column_names


@dataclass(frozen=True, slots=True)
class GoodsFacts:
    """One item. `departments`: from the root down to its own."""

    sku: str
    name: str
    name_en: str
    brand: str | None
    departments: tuple[str, ...]
    tags: tuple[str, ...]
    floor_minor: int
    weighed: bool

    @property
    def stored_value(self) -> bool:
        """A gift card: receives nothing, counts for nothing."""
        return STORED_VALUE_TAG in self.tags

    @property
    def gift(self) -> bool:
        """What 满赠 gives away: a gift line at every till."""
        return GIFT_TAG in self.tags


def goods_facts(txn: Txn, skus: Sequence[str], parents: Mapping[str, str | None]) -> dict[str, GoodsFacts]:
    """By SKU; unknown ones are left out. `parents`: department → the one above (ChainView.departments)."""
    rows = masters.feed_rows_by_key(txn, "item", "chain", [[sku] for sku in sorted(set(skus))])
    return {sku: _facts(row, parents) for sku, row in rows.items()}


def _facts(row: Sequence[Any], parents: Mapping[str, str | None]) -> GoodsFacts:
    item = dict(zip(_COLUMNS, row, strict=True))
    return GoodsFacts(
        sku=item["sku"],
        name=item["name"],
        name_en=item["name_en"] or item["name"],
        brand=item["brand"] or None,
        departments=path_of(item["department_code"], parents),
        tags=tuple(json.loads(item["tags"] or "[]")),
        floor_minor=item["floor_minor"] or 0,
        weighed=item["sale_kind"] == "weighed",
    )


def path_of(code: str | None, parents: Mapping[str, str | None]) -> tuple[str, ...]:
    """A department's path, root first."""
    path: list[str] = []
    while code and len(path) < TREE_DEPTH_MAX:
        path.append(code)
        code = parents.get(code)
    return tuple(reversed(path))
