"""The other workstations' parts of a day: head office's, and on top what they told nearby since.

While head office is away, neighbours' sales and settled shifts stand here within seconds; once it is back the
same documents are in its own figures, and nothing counts twice: each part says up to which document it goes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from pos_client.peers.day import ToldDay, told_day
from pos_client.services.counter import Counter
from pos_client.services.ports import PeersPort
from pos_core.cash.store_day import StoreDay, WorkstationPart

HOUR_MS = 3_600_000


@dataclass(frozen=True, slots=True)
class OtherParts:
    """Workstation → its part, and how it is known.

    Attributes:
        told_at_ms: of those that neighbours told of: now for one in sight, else its newest document's time.
        closed_there: whose every shift is settled by what it told itself: nothing of the day is to come.
        items: SKU → (name, minor units) sold beyond what head office's best items cover.
    """

    parts: Mapping[str, WorkstationPart] = field(default_factory=dict)
    told_at_ms: Mapping[str, int] = field(default_factory=dict)
    closed_there: frozenset[str] = frozenset()
    items: Mapping[str, tuple[str, int]] = field(default_factory=dict)


class OthersDay:
    """Main thread. What was read is kept until a neighbour or head office says something new."""

    def __init__(self, counter: Counter, peers: PeersPort) -> None:
        self._counter = counter
        self._peers = peers
        self._read: dict[str, tuple[tuple[int, int], dict[str, ToldDay]]] = {}

    def of(self, day: str, said: StoreDay | None) -> OtherParts:
        """Every workstation's but this one's."""
        own = self._counter.identity.workstation_id
        parts = {} if said is None else dict(said.workstations)
        parts.pop(own, None)
        now_ms = self._counter.time.instant_ms()
        in_sight = {each.workstation_id for each in self._peers.seen()}
        told_at_ms: dict[str, int] = {}
        items: dict[str, tuple[str, int]] = {}
        closed: set[str] = set()
        for name, told in self._told(day, parts).items():
            if name == own:
                continue
            parts[name] = _with(parts.get(name, WorkstationPart()), told)
            told_at_ms[name] = now_ms if name in in_sight else told.newest_ms
            if parts[name].shifts and not parts[name].open_shifts and told.newest_ms:
                closed.add(name)
            for sku, (item, minor) in told.items.items():
                items[sku] = (item, items.get(sku, ("", 0))[1] + minor)
        return OtherParts(parts, told_at_ms, frozenset(closed), items)

    def _told(self, day: str, parts: Mapping[str, WorkstationPart]) -> dict[str, ToldDay]:
        counter = self._counter
        if counter.peers is None:
            return {}
        place = (counter.peers.generation, counter.replica.generation)
        kept = self._read.get(day)
        if kept is not None and kept[0] == place:
            return kept[1]
        upto = {name: part.upto for name, part in parts.items()}
        found = counter.shared.told_by_peers(lambda c: told_day(c, day, upto, self._hour))
        self._read = {name: each for name, each in self._read.items() if each[0] == place}
        self._read[day] = (place, found)
        return found

    def _hour(self, at_ms: int) -> int:
        offset = self._counter.rules.utc_offset_minutes(at_ms)
        return (at_ms + offset * 60_000) // HOUR_MS % 24


def _with(part: WorkstationPart, told: ToldDay) -> WorkstationPart:
    hours, people = dict(part.hours), dict(part.operators)
    for hour, minor in told.hours.items():
        hours[hour] = hours.get(hour, 0) + minor
    for who, (sales, minor) in told.operators.items():
        before = people.get(who, (0, 0))
        people[who] = (before[0] + sales, before[1] + minor)
    tenders = dict(part.tenders)
    for code, minor in told.tenders.items():
        tenders[code] = tenders.get(code, 0) + minor
    shifts = {each.shift_id: each for each in part.shifts}
    for shift_id, each in told.shifts.items():
        known = shifts.get(shift_id)
        if known is None or known.z_number is None:
            opened_ms = each.opened_at_ms if known is None else known.opened_at_ms
            shifts[shift_id] = replace(each, opened_at_ms=opened_ms)
    return replace(
        part,
        sales=part.sales + told.sales,
        hours=hours,
        operators=people,
        shifts=tuple(shifts.values()),
        tenders=tenders,
        shelves=(part.shelves[0] + told.shelves[0], part.shelves[1] + told.shelves[1]),
    )
