"""Head office's own masters: costs, employees, members, price and promotion drafts.

Reads take many keys at once; writes replace by primary key. Nothing here goes to a workstation as it is.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, Table, func, select, update

from sync_server.store.engine import Txn
from sync_server.store.schema.tables import (
    employee,
    feed_row,
    item_cost,
    member,
    member_key,
    price_draft,
    promotion_draft,
)

_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class EmployeeRow:
    """One employee and the stores whose workstations may sign him on; `store_ids` is a JSON list."""

    employee_id: str
    operator_number: str
    name: str
    role: str
    store_ids: str
    active: int


@dataclass(frozen=True, slots=True)
class MemberRow:
    """One member. `personal` is a ciphertext (services/personal_data.py); `consents` a JSON object.

    `known_since_ms`: when head office heard of the member; None: before it kept that.
    """

    member_id: str
    home_store_id: str
    tier: str
    points_balance: int
    birthday_month: int | None
    consents: str
    personal: bytes
    phone_index: str
    known_since_ms: int | None = None


@dataclass(frozen=True, slots=True)
class PriceRow:
    """One dated price. `published_version` None: not in any release yet."""

    price_list_id: str
    sku: str
    effective_from_ms: int
    effective_to_ms: int | None
    price_minor: int
    published_version: int | None = None


def feed_rows_by_key(txn: Txn, kind: str, scope: str, keys: Iterable[Sequence[Any]]) -> dict[str, list[Any]]:
    """Living feed rows of `keys`, by the first key column (kinds with a one-column key)."""
    texts = [json.dumps(list(key), separators=(",", ":"), ensure_ascii=False) for key in keys]
    found: dict[str, list[Any]] = {}
    for (payload,) in _chunked(
        txn,
        feed_row.c.key,
        texts,
        [feed_row.c.payload],
        feed_row.c.scope == scope,
        feed_row.c.kind == kind,
        feed_row.c.deleted == 0,
    ):
        row = json.loads(payload)
        found[str(row[0])] = row
    return found


def member_rows(txn: Txn, member_ids: Sequence[str]) -> dict[str, dict[str, list[Any]]]:
    """scope → member → his living row there, in every store that has him."""
    texts = [json.dumps([each], separators=(",", ":"), ensure_ascii=False) for each in member_ids]
    found: dict[str, dict[str, list[Any]]] = {}
    columns = [feed_row.c.scope, feed_row.c.payload]
    where = (feed_row.c.kind == "member", feed_row.c.deleted == 0)
    for scope, payload in _chunked(txn, feed_row.c.key, texts, columns, *where):
        row = json.loads(payload)
        found.setdefault(scope, {})[str(row[0])] = row
    return found


def scopes_with_key(txn: Txn, kind: str, key: Sequence[Any]) -> set[str]:
    """The scopes in which a living row of this key stands."""
    text = json.dumps(list(key), separators=(",", ":"), ensure_ascii=False)
    statement = select(feed_row.c.scope).where(
        feed_row.c.kind == kind, feed_row.c.key == text, feed_row.c.deleted == 0
    )
    return set(txn.execute(statement).scalars())


def costs(txn: Txn, skus: Sequence[str]) -> dict[str, int]:
    """Cost by SKU, in minor units of the chain's currency; never leaves head office."""
    rows = _chunked(txn, item_cost.c.sku, skus, [item_cost.c.sku, item_cost.c.cost_minor])
    return dict(rows)


def put_costs(txn: Txn, rows: Sequence[tuple[str, int]]) -> None:
    """Sets costs."""
    txn.insert_many(item_cost, rows, on_conflict="replace")


def employees(txn: Txn, employee_ids: Sequence[str]) -> dict[str, EmployeeRow]:
    """Employees by id."""
    rows = _chunked(txn, employee.c.employee_id, employee_ids, list(employee.c))
    return {row[0]: EmployeeRow(*row) for row in rows}


def every_employee(txn: Txn) -> list[EmployeeRow]:
    """All employees by number (some thousands)."""
    return [EmployeeRow(*row) for row in txn.execute(select(employee).order_by(employee.c.operator_number))]


def employee_ids_by_number(txn: Txn) -> dict[str, str]:
    """operator number → employee id, over the whole chain (some thousands)."""
    statement = select(employee.c.operator_number, employee.c.employee_id)
    # dict(result) would call the result's own keys() and take it for a mapping.
    return {number: employee_id for number, employee_id in txn.execute(statement)}  # noqa: C416


def put_employees(txn: Txn, rows: Sequence[EmployeeRow]) -> None:
    """Sets employees."""
    txn.insert_many(
        employee,
        [(r.employee_id, r.operator_number, r.name, r.role, r.store_ids, r.active) for r in rows],
        on_conflict="replace",
    )


def members(txn: Txn, member_ids: Sequence[str]) -> dict[str, MemberRow]:
    """Members by id."""
    return {row[0]: MemberRow(*row) for row in _chunked(txn, member.c.member_id, member_ids, list(member.c))}


def member_ids_by_phone_index(txn: Txn, indexes: Sequence[str]) -> dict[str, str]:
    """phone index → member id."""
    rows = _chunked(txn, member.c.phone_index, indexes, [member.c.phone_index, member.c.member_id])
    return dict(rows)


def members_by_phone_index(txn: Txn, indexes: Sequence[str]) -> list[MemberRow]:
    """Every member with one of these numbers, in the order of their ids."""
    rows = _chunked(txn, member.c.phone_index, indexes, list(member.c))
    return sorted((MemberRow(*row) for row in rows), key=lambda row: row.member_id)


def put_members(txn: Txn, rows: Sequence[MemberRow]) -> None:
    """Sets members."""
    txn.insert_many(
        member,
        [
            (
                r.member_id,
                r.home_store_id,
                r.tier,
                r.points_balance,
                r.birthday_month,
                r.consents,
                r.personal,
                r.phone_index,
                r.known_since_ms,
            )
            for r in rows
        ],
        on_conflict="replace",
    )


def member_keys(txn: Txn, member_ids: Sequence[str]) -> dict[str, bytes]:
    """Sealed keys of members; one that is absent was erased."""
    rows = _chunked(txn, member_key.c.member_id, member_ids, [member_key.c.member_id, member_key.c.key])
    return {member_id: bytes(key) for member_id, key in rows}


def put_member_keys(txn: Txn, rows: Sequence[tuple[str, bytes]]) -> None:
    """Sets sealed member keys."""
    txn.insert_many(member_key, rows, on_conflict="replace")


def prices(txn: Txn, pairs: Sequence[tuple[str, str]]) -> dict[tuple[str, str, int], PriceRow]:
    """Every dated price of the given (price list, SKU) pairs, by (list, SKU, effective_from_ms)."""
    wanted = set(pairs)
    found = {}
    for row in _chunked(txn, price_draft.c.sku, sorted({sku for _, sku in pairs}), list(price_draft.c)):
        if (row[0], row[1]) in wanted:
            found[row[0], row[1], row[2]] = PriceRow(*row)
    return found


def put_prices(txn: Txn, rows: Sequence[PriceRow]) -> None:
    """Sets dated prices; a changed one becomes a draft again."""
    txn.insert_many(
        price_draft,
        [
            (
                r.price_list_id,
                r.sku,
                r.effective_from_ms,
                r.effective_to_ms,
                r.price_minor,
                r.published_version,
            )
            for r in rows
        ],
        on_conflict="replace",
    )


def replace_published(txn: Txn, pairs: Sequence[tuple[str, str]], rows: Sequence[PriceRow]) -> None:
    """Published rows of these pairs give way to `rows`; what waits for a release stays."""
    for price_list_id, sku in pairs:
        txn.execute(
            price_draft.delete().where(
                price_draft.c.price_list_id == price_list_id,
                price_draft.c.sku == sku,
                price_draft.c.published_version.is_not(None),
            )
        )
    waiting = {key for key, row in prices(txn, pairs).items() if row.published_version is None}
    put_prices(txn, [r for r in rows if (r.price_list_id, r.sku, r.effective_from_ms) not in waiting])


def waiting_pairs(txn: Txn) -> set[tuple[str, str]]:
    """(price list, SKU) pairs with a row that no release carries yet."""
    columns = price_draft.c
    statement = select(columns.price_list_id, columns.sku).where(columns.published_version.is_(None))
    return {(row[0], row[1]) for row in txn.execute(statement)}


def unpublished_pairs(txn: Txn) -> int:
    """How many (price list, SKU) pairs have a draft that no release carries yet."""
    pairs = (
        select(price_draft.c.price_list_id, price_draft.c.sku)
        .where(price_draft.c.published_version.is_(None))
        .distinct()
        .subquery()
    )
    return int(txn.execute(select(func.count()).select_from(pairs)).scalar_one())


def prices_to_publish(txn: Txn, *, everything: bool) -> Iterator[PriceRow]:
    """Rows in key order: all, or every row of the pairs that have a draft."""
    key = (price_draft.c.price_list_id, price_draft.c.sku, price_draft.c.effective_from_ms)
    statement = select(price_draft).order_by(*key)
    if not everything:
        drafts = (
            select(price_draft.c.price_list_id, price_draft.c.sku)
            .where(price_draft.c.published_version.is_(None))
            .distinct()
            .subquery()
        )
        statement = statement.join(
            drafts,
            (drafts.c.price_list_id == price_draft.c.price_list_id) & (drafts.c.sku == price_draft.c.sku),
        )
    for row in txn.stream(statement):
        yield PriceRow(*row)


def mark_published(txn: Txn, version: int) -> int:
    """Every draft is now part of `version`; returns how many rows that were."""
    statement = (
        update(price_draft).where(price_draft.c.published_version.is_(None)).values(published_version=version)
    )
    return int(txn.execute(statement).rowcount)


def promotion_drafts(txn: Txn) -> dict[str, str]:
    """promotion id → canonical JSON text: the set that the next release carries."""
    statement = select(promotion_draft.c.promotion_id, promotion_draft.c.data)
    return {promotion_id: data for promotion_id, data in txn.execute(statement)}  # noqa: C416


def put_promotions(txn: Txn, rows: Sequence[tuple[str, str]]) -> None:
    """Sets promotions (id, canonical JSON text)."""
    txn.insert_many(promotion_draft, rows, on_conflict="replace")


def drop_promotions(txn: Txn, promotion_ids: Sequence[str]) -> None:
    """Takes promotions out of the next release."""
    for start in range(0, len(promotion_ids), _AT_ONCE):
        chunk = promotion_ids[start : start + _AT_ONCE]
        txn.execute(promotion_draft.delete().where(promotion_draft.c.promotion_id.in_(chunk)))


def count_rows(txn: Txn, table: Table) -> int:
    """Rows of a table."""
    return int(txn.execute(select(func.count()).select_from(table)).scalar_one())


def _chunked(
    txn: Txn, key: Column[Any], keys: Sequence[str], columns: Sequence[Any], *where: Any
) -> Iterator[Any]:
    for start in range(0, len(keys), _AT_ONCE):
        statement = select(*columns).where(key.in_(list(keys[start : start + _AT_ONCE])), *where)
        yield from txn.execute(statement)
