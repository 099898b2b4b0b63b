"""Every store's business day, worked out and sent down to that store (docs/stock.md, "The day").

A day is worked out anew from its rows whenever a document of it has come, so what comes late, or is let out
of quarantine, is in it. One process does this at a time.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import structlog

from pos_core.canonical import canonical_bytes
from pos_core.cash.store_day import (
    DAYS_KEPT,
    TOP_ITEMS,
    Margin,
    ShiftPart,
    StoreDay,
    WorkstationPart,
    over_of,
)
from pos_core.clock import Clock
from sync_server.services.clock import moment_of
from sync_server.services.neighbourhoods import Neighbourhoods
from sync_server.store import feed, shelf_sum, store_day
from sync_server.store.engine import Store, Txn

KIND = "store_day"
LATE_MS = 60_000
"""A document's moment of receipt may be a little older than its commit."""
HEARD_AGAIN_MS = 10 * 60_000
"""A contact this much newer than the one that was said is worth a row."""
_DAY_MS = 24 * 3_600_000
_log = structlog.get_logger("sync_server.services")


@dataclass(frozen=True, slots=True)
class Worked:
    """What a run did; `finished` False when it was given up: the next one takes it up."""

    stores: int
    days: int
    finished: bool


class StoreDays:
    """Call `refresh` on one thread."""

    def __init__(self, store: Store, clock: Clock, neighbourhoods: Neighbourhoods) -> None:
        self._store = store
        self._clock = clock
        self._neighbourhoods = neighbourhoods

    def refresh(self, keep_going: Callable[[], bool] = lambda: True) -> Worked:
        """Bring every store's days up to what has come. A store at a time, each in its own transaction.

        One whose figures fit no row (amounts that no shop takes) stops no other; raises that at the end.
        """
        stores = days = 0
        trouble: Exception | None = None
        for place in self._store.read(self._places):
            if not keep_going():
                return Worked(stores, days, finished=False)
            try:
                worked = self._store.write(partial(_refresh, place, self._clock.now_ms()))
            except Exception as error:
                _log.exception("store_day_failed", store_id=place.store_id)
                trouble = trouble or error
                continue
            stores += worked > 0
            days += worked
        if trouble is not None:
            raise trouble
        return Worked(stores, days, finished=True)

    def _places(self, txn: Txn) -> list[_Place]:
        zones = {each.store_id: each.time_zone for each in self._neighbourhoods.stores(txn)}
        return [
            _Place(store_id, zones.get(store_id, "UTC"), heard)
            for store_id, heard in sorted(store_day.workstations(txn).items())
        ]


@dataclass(frozen=True, slots=True)
class _Place:
    """A store, its zone, and its active workstations with their last contact."""

    store_id: str
    zone: str
    heard: Mapping[str, int | None]


def _refresh(place: _Place, now_ms: int, txn: Txn) -> int:
    """How many days of a store were written."""
    scope = f"store:{place.store_id}"
    known = {row[0]: json.loads(row[1]) for row in feed.rows_of(txn, KIND, scope)}
    first_day = (datetime.fromtimestamp(now_ms / 1000, UTC).date() - timedelta(days=DAYS_KEPT)).isoformat()
    last_ms = max((each["worked_out_at_ms"] for each in known.values()), default=now_ms - DAYS_KEPT * _DAY_MS)
    touched = store_day.days_touched(txn, place.store_id, last_ms - LATE_MS, first_day)
    days = [_work_out(txn, place, day, now_ms) for day in sorted(touched)]
    rows = [_row(day) for day in days]
    newest_day = max(known, default=None)
    if not rows and newest_day is not None:
        rows = _heard_again(newest_day, known[newest_day], place.heard, now_ms)
    gone = [[day] for day in known if day < first_day]
    if rows or gone:
        feed.put_rows(txn, KIND, scope, rows, gone)
        looked_at = {day.business_day: _looked_at(day) for day in days}
        shelf_sum.put(txn, place.store_id, looked_at, [day for (day,) in gone])
    return len(rows)


def _looked_at(day: StoreDay) -> tuple[int, int]:
    parts = day.workstations.values()
    return sum(part.shelves[0] for part in parts), sum(part.shelves[1] for part in parts)


def _heard_again(
    day: str, value: Mapping[str, Any], heard: Mapping[str, int | None], now_ms: int
) -> list[list[Any]]:
    """The newest day with newer contacts, where they say more than they did: its figures are the same."""
    said = StoreDay.from_value(day, value)
    before = {name: part.heard_at_ms or 0 for name, part in said.workstations.items()}
    if set(before) == set(heard) and all(
        (at or 0) - before[name] < HEARD_AGAIN_MS for name, at in heard.items()
    ):
        return []
    parts = {
        name: replace(said.workstations.get(name, WorkstationPart()), heard_at_ms=at)
        for name, at in sorted(heard.items())
    }
    left = {name: part for name, part in said.workstations.items() if name not in parts and part.sales}
    return [_row(replace(said, worked_out_at_ms=now_ms, workstations={**left, **parts}))]


def _row(day: StoreDay) -> list[Any]:
    return [day.business_day, canonical_bytes(day.as_value()).decode()]


def _work_out(txn: Txn, place: _Place, day: str, now_ms: int) -> StoreDay:
    store_id, heard = place.store_id, place.heard
    hours: dict[str, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    people: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(lambda: [0, 0]))
    sales: dict[str, int] = defaultdict(int)
    for workstation_id, kind, net_minor, occurred_at_ms, operator_id in store_day.trade(txn, store_id, day):
        signed = -net_minor if kind == "return" else net_minor
        hours[workstation_id][_hour(occurred_at_ms, place.zone)] += signed
        entry = people[workstation_id][operator_id or ""]
        entry[0] += kind == "sale"
        entry[1] += signed
        sales[workstation_id] += kind == "sale"
    shifts, shelves = _shifts(txn, store_id, day), _shelves(txn, store_id, day)
    taken: dict[str, dict[str, int]] = defaultdict(dict)
    for workstation_id, code, minor in store_day.tenders(txn, store_id, day):
        taken[workstation_id][code] = minor
    points = store_day.points(txn, store_id)
    parts = {
        name: WorkstationPart(
            points.get(name, {}),
            heard.get(name),
            sales[name],
            dict(hours[name]),
            {who: (pair[0], pair[1]) for who, pair in people[name].items()},
            tuple(shifts.get(name, {}).values()),
            shelves.get(name, (0, 0)),
            taken.get(name, {}),
        )
        for name in sorted({*heard, *hours, *shifts, *shelves})
    }
    margins = store_day.margins(txn, store_id, day)
    return StoreDay(
        day,
        now_ms,
        parts,
        tuple(store_day.best_items(txn, store_id, day, TOP_ITEMS)),
        {code: Margin(net, net - cost) for code, (net, cost) in sorted(margins.items())},
    )


def _shelves(txn: Txn, store_id: str, day: str) -> dict[str, tuple[int, int]]:
    """Workstation → shelf prices looked at, and how many hung wrong."""
    found: dict[str, tuple[int, int]] = {}
    for workstation_id, body in store_day.shelf_checks(txn, store_id, day, _since_ms(day)):
        checked, wrong = found.get(workstation_id, (0, 0))
        found[workstation_id] = (checked + body["checked"], wrong + body["wrong"])
    return found


def _since_ms(day: str) -> int:
    """Nothing of a day was received before."""
    midnight = datetime.combine(date.fromisoformat(day), datetime.min.time(), UTC)
    return int(midnight.timestamp() * 1000) - 2 * _DAY_MS


def _shifts(txn: Txn, store_id: str, day: str) -> dict[str, dict[str, ShiftPart]]:
    """Workstation → shift → what is known. A settlement whose opening is not here stands by itself."""
    since_ms = _since_ms(day)
    found: dict[str, dict[str, ShiftPart]] = defaultdict(dict)
    for workstation_id, kind, document, occurred_at_ms in store_day.shifts(txn, store_id, day, since_ms):
        shift_id, body = document["shift_id"], document["body"]
        before = found[workstation_id].get(shift_id, ShiftPart(shift_id, occurred_at_ms, None, 0))
        if kind == "shift_settled":
            before = replace(before, z_number=body["z_number"], over_minor=over_of(body["tenders"]))
        found[workstation_id][shift_id] = before
    return found


def _hour(at_ms: int, zone: str) -> int:
    try:
        return moment_of(at_ms, ZoneInfo(zone)).hour
    except (ZoneInfoNotFoundError, ValueError):
        return moment_of(at_ms).hour
