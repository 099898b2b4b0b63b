"""Items in columns: the console's lists, search, and whatever joins a figure to a name."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select

from pos_core.sync.reference import KINDS
from sync_server.store.engine import Txn
from sync_server.store.schema.price_change import catalog_item

_AT = {name: place for place, name in enumerate(KINDS["item"].column_names)}
_AT_ONCE = 500
_KIND = (catalog_item.c.brand, catalog_item.c.department_code, catalog_item.c.tags)


@dataclass(frozen=True, slots=True)
class ItemRow:
    """What lists show of an item."""

    sku: str
    name: str
    name_en: str
    brand: str | None
    department_code: str | None
    sale_kind: str
    floor_minor: int | None
    active: bool


@dataclass(frozen=True, slots=True)
class ItemFilter:
    """`text` is looked for in SKU, names, brand and pinyin initials, each word of it."""

    text: str = ""
    department_code: str = ""


@dataclass(frozen=True, slots=True)
class KindRow:
    """Items that are alike to every promotion that does not name them: so many, `first_sku` the first."""

    brand: str | None
    department_code: str | None
    tags: str | None
    items: int
    first_sku: str

    @property
    def values(self) -> tuple[str | None, str | None, str | None]:
        """What they have in common; `tags` is a JSON list."""
        return self.brand, self.department_code, self.tags


def put_items(txn: Txn, payloads: Iterable[str], gone: Iterable[str] = ()) -> None:
    """Follows the feed: `payloads` are JSON rows of kind item, `gone` are SKUs."""
    txn.insert_many(catalog_item, [item_columns(payload) for payload in payloads], on_conflict="replace")
    for sku in gone:
        txn.execute(catalog_item.delete().where(catalog_item.c.sku == sku))


def count(txn: Txn, wanted: ItemFilter) -> int:
    """How many items the filter leaves."""
    statement = select(func.count()).select_from(catalog_item)
    return int(txn.execute(_filtered(statement, wanted)).scalar_one())


def page(txn: Txn, wanted: ItemFilter, *, offset: int, limit: int) -> list[ItemRow]:
    """Items by SKU."""
    statement = _filtered(_select(), wanted).order_by(catalog_item.c.sku).offset(offset).limit(limit)
    return [_row(row) for row in txn.execute(statement)]


def brands(txn: Txn, text: str, limit: int) -> list[str]:
    """Brands with a text in their name, in its order."""
    brand = catalog_item.c.brand
    fits = func.lower(brand).contains(text.lower(), autoescape=True)
    statement = select(brand).where(brand.is_not(None), brand != "", fits).distinct().order_by(brand)
    return list(txn.execute(statement.limit(limit)).scalars())


def tags(txn: Txn) -> list[str]:
    """Every tag that an item bears, in its order."""
    statement = select(catalog_item.c.tags).where(catalog_item.c.tags.is_not(None)).distinct()
    return sorted({tag for text in txn.execute(statement).scalars() for tag in json.loads(text)})


def items(txn: Txn, skus: Sequence[str]) -> dict[str, ItemRow]:
    """Items by SKU; unknown ones are left out."""
    found: dict[str, ItemRow] = {}
    for start in range(0, len(skus), _AT_ONCE):
        statement = _select().where(catalog_item.c.sku.in_(list(skus[start : start + _AT_ONCE])))
        found.update((row[0], _row(row)) for row in txn.execute(statement))
    return found


def kinds(txn: Txn) -> list[KindRow]:
    """What kinds of items there are, as promotions tell them apart: a few thousand of a hundred thousand."""
    statement = select(*_KIND, func.count(), func.min(catalog_item.c.sku)).group_by(*_KIND)
    return [KindRow(*row) for row in txn.execute(statement)]


def of_kind(txn: Txn, kind: KindRow, limit: int) -> list[tuple[str, str]]:
    """The first items of a kind by SKU: (sku, name)."""
    alike = [
        c.is_(None) if value is None else c == value for c, value in zip(_KIND, kind.values, strict=True)
    ]
    statement = select(catalog_item.c.sku, catalog_item.c.name).where(*alike)
    return [(sku, name) for sku, name in txn.execute(statement.order_by(catalog_item.c.sku).limit(limit))]


def with_kinds(txn: Txn, skus: Collection[str]) -> list[tuple[str, str, KindRow]]:
    """(sku, name, a kind of this one item) in the order of SKUs; unknown ones are left out."""
    found: list[tuple[str, str, KindRow]] = []
    wanted = sorted(skus)
    statement = select(catalog_item.c.sku, catalog_item.c.name, *_KIND).order_by(catalog_item.c.sku)
    for start in range(0, len(wanted), _AT_ONCE):
        some = statement.where(catalog_item.c.sku.in_(wanted[start : start + _AT_ONCE]))
        found += [(row[0], row[1], KindRow(row[2], row[3], row[4], 1, row[0])) for row in txn.execute(some)]
    return found


def _select() -> Select[Any]:
    return select(*[column for column in catalog_item.c if column.name not in ("search", "tags")])


def _filtered(statement: Select[Any], wanted: ItemFilter) -> Select[Any]:
    conditions: list[ColumnElement[bool]] = []
    for word in wanted.text.lower().split()[:6]:
        conditions.append(catalog_item.c.search.contains(word, autoescape=True))
    if wanted.department_code:
        conditions.append(catalog_item.c.department_code == wanted.department_code)
    return statement.where(*conditions)


def _row(row: Any) -> ItemRow:
    return ItemRow(**{**row._mapping, "active": bool(row.active)})


def item_columns(payload: str) -> tuple[Any, ...]:
    """The table's row of a feed row's JSON."""
    row = json.loads(payload)
    words = [row[_AT[name]] for name in ("sku", "name", "name_en", "brand", "pinyin_initials")]
    return (
        *(row[_AT[n]] for n in ("sku", "name", "name_en", "brand", "department_code", "sale_kind")),
        row[_AT["floor_minor"]],
        row[_AT["active"]],
        " ".join(str(word) for word in words if word).lower(),
        row[_AT["tags"]] if row[_AT["tags"]] not in ("", "[]") else None,
    )
