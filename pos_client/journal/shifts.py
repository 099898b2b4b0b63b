"""Shifts of this journal with the documents that belong to them: what X and Z reports sum."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from pos_client.journal.carried import carried_trade
from pos_client.journal.draft import NUMBER_BITS
from pos_client.storage.connection import Connection
from pos_client.storage.named_sql import load_queries
from pos_core.cash.report import REPORTED_TYPES, Cover, GrandTotals, ReportSums, sums_of

SQL = load_queries("pos_client.journal", "shift")
_NUMBER_MASK = (1 << NUMBER_BITS) - 1
LAST_KEY = (1 << 62) - 1


@dataclass(frozen=True, slots=True)
class ShiftRow:
    """A shift as the journal folded it; `settled_key` and `z_number` None while it is open."""

    shift_id: str
    opened_key: int
    opened_at_ms: int
    business_day: str
    operator_id: str | None
    settled_key: int | None
    z_number: int | None


@dataclass(frozen=True, slots=True)
class Covered:
    """Some documents and their sums: what a report shows, and the point up to which it does."""

    covers: tuple[Cover, ...]
    sums: ReportSums


@dataclass(frozen=True, slots=True)
class LastCount:
    """The newest `till_counted` of a shift. `stale`: money moved since."""

    number: int
    body: Mapping[str, Any]
    stale: bool


def shift_by_id(connection: Connection, shift_id: str) -> ShiftRow | None:
    """A shift, open or settled."""
    row = connection.execute(SQL["shift_by_id"], (shift_id,)).fetchone()
    return None if row is None else ShiftRow(*row)


def shift_by_z(connection: Connection, z_number: int) -> ShiftRow | None:
    """The shift that a Z report closed."""
    row = connection.execute(SQL["shift_by_z"], (z_number,)).fetchone()
    return None if row is None else ShiftRow(*row)


def settled_shifts(connection: Connection, *, limit: int) -> list[ShiftRow]:
    """The newest Z report first."""
    return [ShiftRow(*row) for row in connection.execute(SQL["settled_shifts"], (limit,)).fetchall()]


def next_z_number(connection: Connection) -> int:
    """The number that the next settlement gets."""
    return int(connection.execute(SQL["last_z_number"]).fetchone()[0]) + 1


def covered(
    connection: Connection, shift: ShiftRow, workstation_id: str, last_key: int = LAST_KEY
) -> Covered:
    """The shift's documents up to `last_key`, by series, and their sums."""
    rows = connection.execute(SQL["documents_of_shift"], (shift.opened_key, last_key, shift.shift_id))
    sums = sums_of(_bodies(rows))
    return Covered(_covers(connection, shift.opened_key, last_key, workstation_id), sums)


def late(connection: Connection, shift: ShiftRow) -> ReportSums:
    """Sums of the documents of a settled shift that came to light after its settlement; mostly of none."""
    rows = connection.execute(SQL["late_documents"], (shift.settled_key, shift.shift_id)).fetchall()
    return sums_of(_bodies(rows))


def late_of_all(connection: Connection, first_z: int) -> dict[str, ReportSums]:
    """The same for every shift from a Z number on: shift → sums, of those that have late documents."""
    found: dict[str, ReportSums] = {}
    for shift_id, kind, data in connection.execute(SQL["late_of_all"], (first_z,)).fetchall():
        if kind in REPORTED_TYPES:
            found[shift_id] = found.get(shift_id, ReportSums()).add(kind, msgspec.json.decode(data)["body"])
    return found


def covered_day(connection: Connection, business_day: str, workstation_id: str) -> Covered:
    """All documents of a business day at this workstation, and their sums."""
    first_key = connection.execute(SQL["first_key_of_day"], (business_day,)).fetchone()[0]
    if first_key is None:
        return Covered((), ReportSums())
    rows = connection.execute(SQL["documents_of_day"], (first_key, business_day)).fetchall()
    return Covered(_covers(connection, rows[0][0], rows[-1][0], workstation_id), sums_of(_bodies(rows)))


def documents_of_day(connection: Connection, business_day: str) -> list[bytes]:
    """The bytes of a business day's documents, in order."""
    first_key = connection.execute(SQL["first_key_of_day"], (business_day,)).fetchone()[0]
    if first_key is None:
        return []
    rows = connection.execute(SQL["documents_of_day"], (first_key, business_day)).fetchall()
    return [data for _, _, data in rows]


def grand_totals(connection: Connection, last_key: int = LAST_KEY) -> GrandTotals:
    """All that was ever sold and taken back here, up to a document."""
    grand = GrandTotals()
    for kind, pruned in carried_trade(connection).items():
        grand = grand.add(kind, pruned.above_minor).add(kind, -pruned.below_minor)
    for kind, above, below in connection.execute(SQL["trade_totals"], (last_key,)).fetchall():
        grand = grand.add(kind, above).add(kind, -below)
    return grand


def last_count(connection: Connection, shift: ShiftRow, purpose: str) -> LastCount | None:
    """The newest count of an open shift; None when there is none of that purpose."""
    keys = (shift.opened_key, LAST_KEY, shift.shift_id, "till_counted")
    row = connection.execute(SQL["last_in_shift"], keys).fetchone()
    if row is None:
        return None
    key, data = row
    body = msgspec.json.decode(data)["body"]
    if body["purpose"] != purpose:
        return None
    moved = connection.execute(SQL["moved_since"], (key, shift.shift_id)).fetchone()[0]
    return LastCount(key & _NUMBER_MASK, body, bool(moved))


def held_ids(connection: Connection) -> list[str]:
    """Baskets on hold, the oldest first."""
    return [str(row[0]) for row in connection.execute(SQL["held_ids"]).fetchall()]


def settlement_of(connection: Connection, shift: ShiftRow) -> dict[str, Any]:
    """The `shift_settled` document of a settled shift, decoded."""
    assert shift.settled_key is not None
    document = document_at(connection, shift.settled_key)
    assert document is not None
    return document


def document_at(connection: Connection, key: int) -> dict[str, Any] | None:
    """A document by its key, decoded."""
    row = connection.execute(SQL["data_at"], (key,)).fetchone()
    if row is None:
        return None
    document: dict[str, Any] = msgspec.json.decode(row[0])
    return document


def _covers(connection: Connection, first_key: int, last_key: int, workstation_id: str) -> tuple[Cover, ...]:
    rows = connection.execute(SQL["ranges"], (first_key, last_key)).fetchall()
    return tuple(Cover(workstation_id, incarnation, first, last) for incarnation, first, last in rows)


def _bodies(rows: Iterable[tuple[int, str, bytes]]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for _, kind, data in rows:
        if kind in REPORTED_TYPES:
            yield kind, msgspec.json.decode(data)["body"]
