"""Reference rows and feed pages for tests: a small chain, made the same way each time."""

from __future__ import annotations

from typing import Any

from pos_core.sync.protocol import FeedPage, FeedRows
from pos_core.sync.reference import KINDS


def item_row(sku: str, name: str, **changes: Any) -> list[Any]:
    """A row of kind `item`, in column order."""
    values: dict[str, Any] = {
        "sku": sku,
        "name": name,
        "name_en": "",
        "receipt_name": name[:12],
        "brand": None,
        "department_code": None,
        "tax_class_code": "standard",
        "sale_kind": "piece",
        "unit": "件",
        "floor_minor": None,
        "age_minimum": None,
        "deposit_sku": None,
        "tags": "[]",
        "pinyin": "",
        "pinyin_initials": "",
        "sales_rank": 1000,
        "active": 1,
    }
    assert changes.keys() <= values.keys()
    return list((values | changes).values())


def store_row(store_id: str = "S001", region: str = "east", price_list_id: str = "PL1") -> list[Any]:
    """A row of kind `store`."""
    return [store_id, f"Store {store_id}", region, "", None, None, "Asia/Shanghai", price_list_id, "[]"]


def member_row(member_id: str, blind_index: str = "00" * 16) -> list[Any]:
    """A row of kind `member`."""
    return [member_id, blind_index, "138****0000", "Li", "silver", 0, None, "{}"]


def rows_of(
    kind: str, rows: list[list[Any]], deleted: list[list[Any]] | None = None, columns: list[str] | None = None
) -> FeedRows:
    """One kind's part of a page."""
    return FeedRows(kind, columns or list(KINDS[kind].column_names), rows, deleted or [])


def page(
    *parts: FeedRows,
    scope: str = "chain",
    epoch: str = "e1",
    after: int = 0,
    to: int = 1,
    head: int | None = None,
) -> FeedPage:
    """A feed page; caught up unless `head` says otherwise."""
    return FeedPage(epoch, scope, after, to, to if head is None else head, list(parts))
