"""The manager's day at one workstation: by hour beside last week, by operator, the best items, what waits.

Other workstations of the store are named and not summed: their documents are at head office.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta

from pos_client.services.counter import Counter
from pos_client.services.roles import require_act
from pos_client.storage.connection import Connection
from pos_client.storage.named_sql import load_queries

_SQL = load_queries("pos_client.journal", "day")
_OTHERS = (
    "SELECT name FROM workstation_key WHERE store_id = ? AND workstation_id <> ? AND state = 'active'"
    " ORDER BY name"
)
WEEK = timedelta(days=7)
TOP_ITEMS = 8
HOUR_MS = 3_600_000


@dataclass(frozen=True, slots=True)
class OperatorDay:
    """What one person sold, returns off."""

    name: str
    sales: int
    total_minor: int


@dataclass(frozen=True, slots=True)
class DayView:
    """One business day of this workstation.

    Attributes:
        hours, last_week: local hour → minor units, returns off; last week is the same weekday.
        items: name and minor units, the dearest first.
        not_included: names of the store's other workstations.
        rulings: standing rulings that concern this store; `staged` releases wait for their minute.
    """

    business_day: str
    total_minor: int
    sales: int
    last_week_minor: int
    hours: dict[int, int]
    last_week: dict[int, int]
    operators: tuple[OperatorDay, ...]
    items: tuple[tuple[str, int], ...]
    not_included: tuple[str, ...]
    documents_waiting: int
    rulings: int
    staged: int


class Days:
    """Wired by `assemble`."""

    def __init__(self, counter: Counter) -> None:
        self._counter = counter

    def view(self, business_day: str | None = None) -> DayView:
        """Today, or another day that this journal still holds. Raises NotSignedOn, NotAllowed."""
        counter = self._counter
        require_act(counter, "x_report")
        day = business_day or counter.business_day()
        before = (date.fromisoformat(day) - WEEK).isoformat()
        hours, operators = self._trade(day)
        last_week, _ = self._trade(before)
        items = counter.journal.read(lambda c: c.execute(_SQL["items"], (day, TOP_ITEMS)).fetchall())
        identity = counter.identity

        def others(c: Connection) -> list[tuple[str]]:
            return c.execute(_OTHERS, (identity.store_id, identity.workstation_id)).fetchall()

        return DayView(
            business_day=day,
            total_minor=sum(hours.values()),
            sales=sum(each.sales for each in operators),
            last_week_minor=sum(last_week.values()),
            hours=hours,
            last_week=last_week,
            operators=operators,
            items=tuple((name, net_minor) for _, name, net_minor in items),
            not_included=tuple(row[0] for row in counter.replica.read(others)),
            documents_waiting=counter.journal.documents_waiting(),
            rulings=len(counter.shared.rulings()),
            staged=len(counter.replica.staged_releases(counter.time.instant_ms())),
        )

    def _trade(self, business_day: str) -> tuple[dict[int, int], tuple[OperatorDay, ...]]:
        counter = self._counter
        rows = counter.journal.read(lambda c: c.execute(_SQL["trade"], (business_day,)).fetchall())
        hours: dict[int, int] = defaultdict(int)
        people: dict[str | None, list[int]] = defaultdict(lambda: [0, 0])
        for occurred_at_ms, operator_id, kind, total_minor in rows:
            signed = -total_minor if kind == "return" else total_minor
            offset = counter.rules.utc_offset_minutes(occurred_at_ms)
            hours[(occurred_at_ms + offset * 60_000) // HOUR_MS % 24] += signed
            people[operator_id][0] += kind == "sale"
            people[operator_id][1] += signed
        found = [OperatorDay(self._name(each), *figures) for each, figures in people.items()]
        return dict(hours), tuple(sorted(found, key=lambda each: (-each.total_minor, each.name)))

    def _name(self, operator_id: str | None) -> str:
        found = None if operator_id is None else self._counter.replica.employee(operator_id)
        return found.name if found is not None else operator_id or ""
