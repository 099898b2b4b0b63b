"""Letting old documents go: when everybody who must have them has them, and not before.

What goes is always the beginning of the journal. The pruning itself is a document: it names the last number
and hash that went of each series and the digest of what is carried on, so that chain, witness and head office
stand for the new beginning as they stand for any sale.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pos_client.journal.append import append_drafts
from pos_client.journal.carried import SQL, carried_digest, carry
from pos_client.journal.draft import Draft, Head, Recorded, Tail
from pos_client.storage.connection import Connection
from pos_core.clock import parse_hybrid_time
from pos_core.sync.document import Series
from pos_core.sync.projection import TABLES

POLICY_KEY = "journal_retention"
DAYS_MIN = 90
SLICE = 300
"""Documents in one transaction: a commit of the till waits no longer than for some tens of milliseconds.
Fewer never go: each pruning writes a document of its own."""
KEPT_MIN = 1000
"""So many of the newest documents stay, however old they are."""
_DAY_MS = 24 * 60 * 60 * 1000


@dataclass(frozen=True, slots=True)
class Retention:
    """How long documents stay that head office has.

    Attributes:
        days: since the document, when a verified backup of head office holds it; never below 90.
        days_without_backup: since the document, when head office names no such backup; None: for ever.
    """

    days: int = DAYS_MIN
    days_without_backup: int | None = 400

    @classmethod
    def from_policy(cls, value: Any) -> Retention:
        """The policy `journal_retention`; what is not understood keeps longer, never shorter."""
        if not isinstance(value, dict):
            return cls()
        days, without = value.get("days"), value.get("days_without_backup", 400)
        kept = max(days, DAYS_MIN) if isinstance(days, int) else DAYS_MIN
        if without is not None and not isinstance(without, int):
            without = None
        return cls(kept, None if without is None else max(without, kept))


@dataclass(frozen=True, slots=True)
class Plan:
    """A slice of documents that may go now: the key of the last, and where each series is cut."""

    last_key: int
    cuts: Mapping[int, tuple[int, str]]


def plan(connection: Connection, retention: Retention, heard_ms: int) -> Plan | None:
    """What may go by the server's own time `heard_ms`; None when that is no whole slice yet.

    Never the documents of the last settled shift or after, so that Z numbers, the last shift's reports and
    returns find what they ask for; never what the server has not acknowledged.
    """
    may_go = _Rule(connection, retention, heard_ms)
    cuts: dict[int, tuple[int, str]] = {}
    count = last_key = 0
    for key, incarnation, number, digest, hlc in connection.execute(SQL["oldest"], (SLICE,)):
        if not may_go(key, incarnation, number, parse_hybrid_time(hlc).physical_ms):
            return None
        count, last_key, cuts[incarnation] = count + 1, key, (number, digest)
    return Plan(last_key, cuts) if count == SLICE else None


class _Rule:
    """May this document go?"""

    def __init__(self, connection: Connection, retention: Retention, heard_ms: int) -> None:
        first_kept = connection.execute(SQL["kept_from"], (KEPT_MIN - 1,)).fetchone()
        shift_floor = connection.execute(SQL["shift_floor"]).fetchone()[0]
        floors = [0 if first_kept is None else first_kept[0]]
        floors += [] if shift_floor is None else [shift_floor]
        self._below = min(floors)
        self._known = {row[0]: row[1:] for row in connection.execute(SQL["resume_points"])}
        self._before_ms = heard_ms - retention.days * _DAY_MS
        without = retention.days_without_backup
        self._unbacked_before_ms = None if without is None else heard_ms - without * _DAY_MS

    def __call__(self, key: int, incarnation: int, number: int, at_ms: int) -> bool:
        acked_number, backed_up_number = self._known.get(incarnation, (0, 0))
        if key >= self._below or number > acked_number or at_ms > self._before_ms:
            return False
        unbacked_before = self._unbacked_before_ms
        return number <= backed_up_number or (unbacked_before is not None and at_ms <= unbacked_before)


def prune(
    connection: Connection, tail: Tail, planned: Plan, business_day: str, now_ms: int
) -> tuple[list[Recorded], Tail]:
    """Lets the planned documents go and writes the document that says so, in the caller's transaction."""
    workstation_id = tail.series.workstation_id
    carry(connection, workstation_id, planned.cuts, planned.last_key)
    for incarnation, (number, digest) in planned.cuts.items():
        for table in TABLES:
            connection.execute(
                f"DELETE FROM {table} WHERE workstation_id = ? AND incarnation = ? AND number <= ?",  # noqa: S608
                (workstation_id, incarnation, number),
            )
        connection.execute(SQL["put_base"], (incarnation, number, digest))
    for statement in ("forget_shifts", "forget_returned_sales", "forget_signed_heads", "forget_documents"):
        connection.execute(SQL[statement], (planned.last_key,))
    body = {
        "documents": SLICE,
        "bases": bases(connection),
        "carried_sha256": carried_digest(connection),
    }
    return append_drafts(connection, tail, [Draft("journal_pruned", body, business_day)], now_ms)


def bases(connection: Connection) -> list[dict[str, Any]]:
    """`{"incarnation", "number", "hash"}` of every series that was cut, the oldest first."""
    names = ("incarnation", "number", "hash")
    return [dict(zip(names, row, strict=True)) for row in connection.execute(SQL["bases"])]


def base_of(connection: Connection, series: Series) -> Head:
    """Where the kept documents of a series begin: after this head; its genesis when none was pruned."""
    row = connection.execute(SQL["base_of"], (series.incarnation,)).fetchone()
    return Head(series, 0, series.genesis()) if row is None else Head(series, row[0], row[1])


def last_pruned_key(connection: Connection) -> int:
    """The key of the last document that was pruned; 0 when none was."""
    row = connection.execute(SQL["last_pruned_key"]).fetchone()
    return int(row[0])


def oldest_release(connection: Connection) -> int | None:
    """The oldest release that a kept document names."""
    row = connection.execute(SQL["oldest_release"]).fetchone()
    return None if row is None else row[0]


def stated_by_the_chain(connection: Connection, data: bytes | None) -> bool:
    """True when the newest `journal_pruned` document says what the tables say, or both say nothing."""
    body = {"bases": [], "carried_sha256": None} if data is None else json.loads(data)["body"]
    found = carried_digest(connection) if body["carried_sha256"] is not None else None
    return bool(body["bases"] == bases(connection) and body["carried_sha256"] == found)
