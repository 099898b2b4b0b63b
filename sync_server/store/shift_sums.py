"""Shifts as their documents tell them, each document once (schema/shift_sums.py)."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Table, and_, exists, func, select

from pos_core.cash.store_day import over_of
from pos_core.customer.stored_value import purse_minor
from sync_server.store import document, sums
from sync_server.store.engine import Txn
from sync_server.store.schema.sales import sales_progress
from sync_server.store.schema.shift_sums import shift_progress, shift_sum, shift_tender
from sync_server.store.schema.tables import document as documents
from sync_server.store.schema.tables import projected

Series = tuple[str, int]
Key = tuple[str, ...]
_total, _tender, _moved = (
    projected[name] for name in ("transaction_total", "tender", "stored_value_movement")
)
_TOLD = ("shift_opened", "shift_settled", "tender_movement")


def gathered_number(txn: Txn, own: Series) -> int:
    """Up to where a series is in the shifts."""
    statement = select(shift_progress.c.gathered_number).where(
        shift_progress.c.workstation_id == own[0], shift_progress.c.incarnation == own[1]
    )
    return int(txn.execute(statement).scalar() or 0)


def behind(txn: Txn, limit: int) -> list[tuple[str, int, int, int]]:
    """Series whose sums of sales go further than their shifts: workstation, incarnation, and both numbers."""
    same = and_(
        shift_progress.c.workstation_id == sales_progress.c.workstation_id,
        shift_progress.c.incarnation == sales_progress.c.incarnation,
    )
    done = func.coalesce(shift_progress.c.gathered_number, 0)
    statement = (
        select(
            sales_progress.c.workstation_id,
            sales_progress.c.incarnation,
            done,
            sales_progress.c.gathered_number,
        )
        .select_from(sales_progress.outerjoin(shift_progress, same))
        .where(sales_progress.c.gathered_number > done)
        .order_by(sales_progress.c.workstation_id, sales_progress.c.incarnation)
        .limit(limit)
    )
    return [(row[0], row[1], row[2], row[3]) for row in txn.execute(statement)]


def gather(txn: Txn, own: Series, after: int, last: int) -> None:
    """A part of a series: the next one, or one that came out of quarantine behind what is in already.

    A part further on is left for whoever takes in what is `behind`.
    """
    done = gathered_number(txn, own)
    if after > done:
        return
    found = _Found()
    _trades(txn, own, (after, last), found)
    for number, kind, store_id, day, at_ms, data in document.of_types(txn, own, (after, last), _TOLD):
        header = json.loads(data)
        if header["shift_id"] is not None:
            found.begin((own[0], header["shift_id"]), store_id, day)
            _TAKE[kind](found, (own[0], header["shift_id"]), header, (own[1], number, at_ms))
    found.write(txn)
    if last > done:
        txn.insert_many(shift_progress, [(*own, last)], on_conflict="replace")


class _Found:
    """What a part adds to shifts and to their tenders, and what it says of them."""

    def __init__(self) -> None:
        self.places: dict[Key, tuple[str, str]] = {}
        self.said: dict[Key, dict[str, Any]] = defaultdict(dict)
        self.added: dict[Key, Counter[str]] = defaultdict(Counter)

    def begin(self, shift: Key, store_id: str, day: str) -> None:
        """A shift that has a document here."""
        self.places[shift] = (store_id, day)

    def tender(self, shift: Key, code: str, kind: str) -> Key:
        """A means of payment of it."""
        key = (*shift, code)
        self.places[key] = self.places[shift]
        self.said[key]["tender_kind"] = kind
        return key

    def write(self, txn: Txn) -> None:
        """Onto what is there."""
        for table, length in ((shift_sum, 2), (shift_tender, 3)):
            keys = sorted(key for key in self.places if len(key) == length)
            names = [column.name for column in table.columns][length:]
            known = sums.by_key(txn, table, keys, length)
            rows = [(*key, *self._row(table, names, key, known.get(key))) for key in keys]
            txn.insert_many(table, rows, on_conflict="replace")

    def _row(
        self, table: Table, names: Sequence[str], key: Key, known: Sequence[Any] | None
    ) -> Iterator[Any]:
        before = {} if known is None else dict(zip(names, known, strict=True))
        said = {**dict(zip(("store_id", "business_day"), self.places[key], strict=True)), **self.said[key]}
        if before.get("settled_number") is not None and "settled_number" not in said:
            said.pop("operator_id", None)  # who settled stands
        for name in names:
            value = said.get(name, before.get(name))
            if not table.c[name].nullable and name not in ("store_id", "business_day", "tender_kind"):
                value = int(value or 0) + self.added[key][name]
            yield value


def _trades(txn: Txn, own: Series, span: tuple[int, int], found: _Found) -> None:
    shifts: dict[int, Key] = {}
    columns = _total.c
    statement = select(
        columns.number, columns.shift_id, columns.store_id, columns.business_day, columns.type,
        columns.total_minor,
    ).where(*_part(_total, own, span), columns.shift_id.is_not(None))  # fmt: skip
    signs: dict[int, int] = {}
    for number, shift_id, store_id, day, kind, total_minor in txn.execute(statement):
        key = shifts[number] = (own[0], shift_id)
        found.begin(key, store_id, day)
        name, signs[number] = ("sales", 1) if kind == "sale" else ("returns", -1)
        found.added[key][name] += 1
        found.added[key][f"{name}_minor"] += total_minor
    tender = _tender.c
    taken = select(
        tender.number, tender.tender_code, tender.tender_kind, tender.amount_minor - tender.change_minor
    )
    for number, code, kind, minor in txn.execute(taken.where(*_part(_tender, own, span))):
        if number in shifts:
            found.added[found.tender(shifts[number], code, kind)]["taken_minor"] += signs[number] * minor
    for number, data in _with_purses(txn, own, span):
        if number in shifts:
            aside = signs[number] * purse_minor(json.loads(data)["body"]["lines"])
            found.added[shifts[number]]["purse_minor"] += aside


def _with_purses(txn: Txn, own: Series, span: tuple[int, int]) -> Iterator[tuple[int, bytes]]:
    names = ("workstation_id", "incarnation", "number")
    moves = exists().where(*(_moved.c[name] == documents.c[name] for name in names))
    statement = select(documents.c.number, documents.c.data).where(
        *_part(documents, own, span), documents.c.type.in_(("sale", "return")), moves
    )
    for number, data in txn.execute(statement):
        yield number, bytes(data)


def _opened(found: _Found, shift: Key, header: Mapping[str, Any], at: tuple[int, int, int]) -> None:
    incarnation, number, at_ms = at
    found.said[shift].setdefault("operator_id", header["operator_id"])
    found.said[shift] |= {
        "opened_at_ms": at_ms,
        "opened_incarnation": incarnation,
        "opened_number": number,
    }
    body = header["body"]
    found.tender(shift, body.get("tender_code", "cash"), "cash")
    found.added[shift]["float_minor"] += body["float_minor"]


def _settled(found: _Found, shift: Key, header: Mapping[str, Any], at: tuple[int, int, int]) -> None:
    incarnation, number, at_ms = at
    body = header["body"]
    found.said[shift] |= {
        "operator_id": header["operator_id"],
        "settled_at_ms": at_ms,
        "settled_incarnation": incarnation,
        "settled_number": number,
        "z_number": body["z_number"],
        "stated_sales_minor": body.get("sales_minor"),
        "stated_returns_minor": body.get("returns_minor"),
    }
    found.added[shift]["over_minor"] += over_of(body["tenders"])
    for each in body["tenders"]:
        key = found.tender(shift, each["tender_code"], each["tender_kind"])
        found.said[key] |= {name: each[name] for name in ("expected_minor", "counted_minor")}


def _movement(found: _Found, shift: Key, header: Mapping[str, Any], _: tuple[int, int, int]) -> None:
    body = header["body"]
    found.added[shift][f"{body['kind']}_minor"] += body["amount_minor"]


_TAKE = {"shift_opened": _opened, "shift_settled": _settled, "tender_movement": _movement}


def _part(table: Table, own: Series, span: tuple[int, int]) -> list[Any]:
    columns = table.c
    return [
        columns.workstation_id == own[0],
        columns.incarnation == own[1],
        columns.number > span[0],
        columns.number <= span[1],
    ]
