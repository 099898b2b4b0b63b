"""What a scan asks: plain SQL on one cached reading connection, values out. A few ten microseconds each."""

from __future__ import annotations

import json
from typing import Any

from pos_client.storage.connection import Connection
from pos_client.storage.named_sql import load_queries
from pos_core.catalog.item import Department, GtinRow, Item, PriceRow, TaxClass
from pos_core.catalog.price_list import PriceList
from pos_core.catalog.store import Employee, Store, TenderType
from pos_core.customer.member import Member

_SQL = load_queries("pos_client.replica", "lookup")


def _one(connection: Connection, name: str, *values: Any) -> Any:
    return connection.execute(_SQL[name], values).fetchone()


def item_by_sku(connection: Connection, sku: str) -> Item | None:
    """Also an item that is no longer sold: `active` says so."""
    row = _one(connection, "item_by_sku", sku)
    return None if row is None else Item.from_row(row)


def item_by_gtin(connection: Connection, gtin14: str) -> tuple[Item, int] | None:
    """The item and what one scan of this code sells, in thousandths."""
    row = _one(connection, "item_by_gtin", gtin14)
    return None if row is None else (Item.from_row(row[:-1]), int(row[-1]))


def item_by_plu(connection: Connection, plu: str) -> Item | None:
    """The item behind a number typed by hand or inside an in-store code."""
    row = _one(connection, "item_by_plu", plu)
    return None if row is None else Item.from_row(row)


def gtins_of_item(connection: Connection, sku: str) -> list[GtinRow]:
    """Single pieces first."""
    return [GtinRow.from_row(row) for row in connection.execute(_SQL["gtins_of_item"], (sku,)).fetchall()]


def price_at(
    connection: Connection, sku: str, *, release_version: int, instant_ms: int, price_list_id: str
) -> PriceRow | None:
    """The list price under a release at an instant; the rule is `pos_core.catalog.price_list.price_at`."""
    row = connection.execute(
        _SQL["price_at"],
        {"price_list_id": price_list_id, "sku": sku, "version": release_version, "instant_ms": instant_ms},
    ).fetchone()
    return None if row is None or row[5] is None else PriceRow(*row)


def store(connection: Connection, store_id: str) -> Store | None:
    """A store by its id."""
    row = _one(connection, "store", store_id)
    return None if row is None else Store.from_row(row)


def price_list(connection: Connection, price_list_id: str) -> PriceList | None:
    """A price list by its id."""
    row = _one(connection, "price_list", price_list_id)
    return None if row is None else PriceList.from_row(row)


def tax_class(connection: Connection, code: str) -> TaxClass | None:
    """A tax class by its code."""
    row = _one(connection, "tax_class", code)
    return None if row is None else TaxClass.from_row(row)


def department(connection: Connection, code: str) -> Department | None:
    """A department by its code."""
    row = _one(connection, "department", code)
    return None if row is None else Department.from_row(row)


def departments(connection: Connection) -> list[Department]:
    """All of the chain."""
    return [Department.from_row(row) for row in connection.execute(_SQL["departments"]).fetchall()]


def policy(connection: Connection, key: str) -> Any:
    """The decoded value of a policy; None when HQ set none."""
    row = _one(connection, "policy", key)
    return None if row is None else json.loads(row[0])


def tender_types(connection: Connection) -> list[TenderType]:
    """In the order of their keys in the payment dialog."""
    return [TenderType.from_row(row) for row in connection.execute(_SQL["tender_types"]).fetchall()]


def employee_by_number(connection: Connection, operator_number: str) -> Employee | None:
    """Who signs on with this number; an inactive one only when no active one has it."""
    row = _one(connection, "employee_by_number", operator_number)
    return None if row is None else Employee.from_row(row)


def employee_by_id(connection: Connection, employee_id: str) -> Employee | None:
    """Somebody of this store."""
    row = _one(connection, "employee_by_id", employee_id)
    return None if row is None else Employee.from_row(row)


def member_by_blind_index(connection: Connection, blind_index: str) -> Member | None:
    """`blind_index` is 32 hex digits under this store's key."""
    row = _one(connection, "member_by_blind_index", blind_index)
    return None if row is None else Member.from_row(row)


def member_by_id(connection: Connection, member_id: str) -> Member | None:
    """A member of this store's slice."""
    row = _one(connection, "member_by_id", member_id)
    return None if row is None else Member.from_row(row)
