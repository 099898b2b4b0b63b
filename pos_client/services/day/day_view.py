"""The manager's day over the whole store: by hour beside last week, by operator, workstation by workstation.

This workstation's part is its own journal; the others' is what head office last said with what they told on
the local network since, each with its age. Who has not been heard, or has a shift that is not settled, is
named: a day is whole when nobody is.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pos_client.journal.draft import document_key
from pos_client.receipts.day_end_paper import DayFigures, TillRow
from pos_client.replica import store_day
from pos_client.services.counter import Counter
from pos_client.services.day.day_parts import HOUR_MS, OtherParts, OthersDay
from pos_client.services.ports import NoPeers, PeersPort
from pos_client.services.refusals.staff import NotAllowed
from pos_client.services.staff.roles import require_act
from pos_client.storage.named_sql import load_queries
from pos_core.cash.store_day import Margin, ShiftPart, StoreDay, WorkstationPart, over_of
from pos_core.customer.stored_value import STORED_VALUE_TAG, purse_minor
from pos_core.stock.replenishment import StockAlert

_SQL = load_queries("pos_client.journal", "day")
WEEK = timedelta(days=7)
TOP_ITEMS = 8
SILENT_MS = 20 * 60_000
"""Longer than head office takes to say that a workstation was heard: then it was not."""
DayState = Literal["settled", "open", "unused"]


@dataclass(frozen=True, slots=True)
class OperatorDay:
    """What one person sold, returns off."""

    name: str
    sales: int
    total_minor: int


@dataclass(frozen=True, slots=True)
class WorkstationDay:
    """One workstation's day.

    Attributes:
        state: settled (every known shift), open, or unused: nothing of the day is known.
        as_of_ms: when it was last heard; None: never, or it is this one (`is_own`), which is always now.
        is_silent: sales of the day may be missing, since it was not heard.
        by_neighbour: it was heard later on the local network than by head office.
    """

    workstation_id: str
    name: str
    is_own: bool
    state: DayState
    sales: int
    total_minor: int
    over_minor: int
    as_of_ms: int | None
    is_silent: bool
    by_neighbour: bool = False

    @property
    def is_missing(self) -> bool:
        """It stands between the day and its end."""
        return self.is_silent or self.state == "open"


@dataclass(frozen=True, slots=True)
class DayView:
    """One business day of the store.

    Attributes:
        hours, last_week: local hour → minor units, returns off; last week is the same weekday.
        items: name and minor units, the dearest first; `slow`: name and thousandths too many.
        workstations: this one first.
        as_of_ms: when head office worked out the others' part and the margin; None: nothing was said.
        margin: None where the operator's role may not see it, or head office has said nothing.
        rulings: standing rulings that concern this store; `staged` releases wait for their minute.
        shelves: shelf prices looked at on the day, and how many hung wrong.
        tenders: tender code, its Chinese and its English name, and what was taken by it.
    """

    business_day: str
    total_minor: int
    sales: int
    last_week_minor: int
    hours: dict[int, int]
    last_week: dict[int, int]
    operators: tuple[OperatorDay, ...]
    items: tuple[tuple[str, int], ...]
    slow: tuple[tuple[str, int], ...]
    workstations: tuple[WorkstationDay, ...]
    as_of_ms: int | None
    margin: Margin | None
    departments: tuple[tuple[str, Margin], ...]
    documents_waiting: int
    rulings: int
    staged: int
    shelves: tuple[int, int] = (0, 0)
    tenders: tuple[tuple[str, str, str, int], ...] = ()

    @property
    def missing(self) -> tuple[str, ...]:
        """Names of who stands between the day and its end."""
        return tuple(each.name for each in self.workstations if each.is_missing)

    @property
    def paper(self) -> DayFigures:
        """As it is printed."""
        tills = (
            TillRow(
                each.name, each.state, each.is_silent, each.by_neighbour, each.as_of_ms,
                each.is_own, each.sales, each.total_minor, each.over_minor,
            )
            for each in self.workstations
        )  # fmt: skip
        return DayFigures(
            self.business_day,
            self.total_minor,
            self.sales,
            self.last_week_minor,
            tuple(tills),
            tuple((each.name, each.sales, each.total_minor) for each in self.operators),
            self.missing,
            tuple((name, name_en, minor) for _, name, name_en, minor in self.tenders),
        )

    @property
    def not_included(self) -> tuple[str, ...]:
        """Names of who may have sold what is not in these figures."""
        return tuple(each.name for each in self.workstations if each.is_silent)


class Days:
    """Wired by `assemble`. `alerts` may raise NotAllowed."""

    def __init__(
        self,
        counter: Counter,
        alerts: Callable[[], list[StockAlert]] = list,
        peers: PeersPort | None = None,
    ) -> None:
        self._counter = counter
        self._others = OthersDay(counter, peers or NoPeers())
        self._alerts = alerts

    def view(self, business_day: str | None = None) -> DayView:
        """Today, or another day that is still known. Raises NotSignedOn, NotAllowed."""
        counter = self._counter
        operator = require_act(counter, "x_report")
        day = business_day or counter.business_day()
        said = counter.replica.read(lambda c: store_day.day_of(c, day))
        before = (date.fromisoformat(day) - WEEK).isoformat()
        others = self._others.of(day, said)
        parts = {**others.parts, counter.identity.workstation_id: self._own(day)}
        hours, last_week = _hours(parts), _hours(self._parts(before))
        sees_margin = said is not None and counter.rules.cash.may(operator.role, "margin")
        return DayView(
            business_day=day,
            total_minor=sum(hours.values()),
            sales=sum(part.sales for part in parts.values()),
            last_week_minor=sum(last_week.values()),
            hours=hours,
            last_week=last_week,
            operators=self._operators(parts),
            items=self._items(day, said, others.items),
            slow=self._slow(),
            workstations=self._workstations(day, parts, others),
            as_of_ms=None if said is None else said.worked_out_at_ms,
            margin=said.margin if said is not None and sees_margin else None,
            departments=self._departments(said) if said is not None and sees_margin else (),
            documents_waiting=counter.journal.documents_waiting(),
            rulings=len(counter.shared.rulings()),
            staged=len(counter.replica.staged_releases(counter.time.instant_ms())),
            shelves=(
                sum(part.shelves[0] for part in parts.values()),
                sum(part.shelves[1] for part in parts.values()),
            ),
            tenders=self._tenders(parts),
        )

    def _parts(self, day: str) -> dict[str, WorkstationPart]:
        said = self._counter.replica.read(lambda c: store_day.day_of(c, day))
        others = self._others.of(day, said).parts
        return {**others, self._counter.identity.workstation_id: self._own(day)}

    def _own(self, day: str) -> WorkstationPart:
        counter = self._counter
        hours: dict[int, int] = defaultdict(int)
        people: dict[str, list[int]] = defaultdict(lambda: [0, 0])
        for at_ms, operator_id, kind, total_minor, purse in counter.journal.read(
            lambda c: c.execute(_SQL["trade"], (day,)).fetchall()
        ):
            goods = total_minor - (purse_minor(json.loads(purse)["body"]["lines"]) if purse else 0)
            signed = -goods if kind == "return" else goods
            offset = counter.rules.utc_offset_minutes(at_ms)
            hours[(at_ms + offset * 60_000) // HOUR_MS % 24] += signed
            people[operator_id or ""][0] += kind == "sale"
            people[operator_id or ""][1] += signed
        shifts = counter.journal.read(lambda c: c.execute(_SQL["shifts"], (day,)).fetchall())
        return WorkstationPart(
            sales=sum(pair[0] for pair in people.values()),
            hours=dict(hours),
            operators={who: (pair[0], pair[1]) for who, pair in people.items()},
            shifts=tuple(_shift(row) for row in shifts),
            shelves=self._own_shelves(day),
            tenders=dict(counter.journal.read(lambda c: c.execute(_SQL["tenders"], (day,)).fetchall())),
        )

    def _own_shelves(self, day: str) -> tuple[int, int]:
        rows = self._counter.journal.read(lambda c: c.execute(_SQL["shelves"], (day,)).fetchall())
        bodies = [json.loads(row[0])["body"] for row in rows]
        return sum(each["checked"] for each in bodies), sum(each["wrong"] for each in bodies)

    def _tenders(self, parts: Mapping[str, WorkstationPart]) -> tuple[tuple[str, str, str, int], ...]:
        """In the chain's order; one that it has no more comes last."""
        sums: dict[str, int] = defaultdict(int)
        for part in parts.values():
            for code, minor in part.tenders.items():
                sums[code] += minor
        names = {each.tender_code: (each.name, each.name_en) for each in self._counter.rules.tender_types}
        codes = [*(code for code in names if code in sums), *sorted(sums.keys() - names.keys())]
        return tuple((code, *names.get(code, (code, code)), sums[code]) for code in codes)

    def _operators(self, parts: Mapping[str, WorkstationPart]) -> tuple[OperatorDay, ...]:
        people: dict[str, list[int]] = defaultdict(lambda: [0, 0])
        for part in parts.values():
            for who, (sales, minor) in part.operators.items():
                people[who][0] += sales
                people[who][1] += minor
        found = [OperatorDay(self._name(who), *figures) for who, figures in people.items()]
        return tuple(sorted(found, key=lambda each: (-each.total_minor, each.name)))

    def _items(
        self, day: str, said: StoreDay | None, told: Mapping[str, tuple[str, int]]
    ) -> tuple[tuple[str, int], ...]:
        """Head office's best ones with what was sold here, and next door, after the point that they cover."""
        counter = self._counter
        sums: dict[str, int] = {}
        names: dict[str, str] = {}
        after = 0
        if said is not None:
            sums = {sku: minor for sku, _, minor in said.items}
            mine = said.workstations.get(counter.identity.workstation_id, WorkstationPart()).upto
            after = max((document_key(*each) for each in mine.items()), default=0)
        rows = counter.journal.read(lambda c: c.execute(_SQL["items"], (day, after)).fetchall())
        for sku, name, minor in rows:
            sums[sku] = sums.get(sku, 0) + minor
            names[sku] = name
        for sku, (name, minor) in told.items():
            sums[sku] = sums.get(sku, 0) + minor
            names.setdefault(sku, name)
        goods = [each for each in sums.items() if not self._is_purse(each[0])]
        best = sorted(goods, key=lambda each: (-each[1], each[0]))[:TOP_ITEMS]
        return tuple((names.get(sku) or self._item_name(sku), minor) for sku, minor in best)

    def _slow(self) -> tuple[tuple[str, int], ...]:
        try:
            alerts = self._alerts()
        except NotAllowed:
            return ()
        slow = [each for each in alerts if each.alert in ("still", "over")]
        slow.sort(key=lambda each: (each.alert != "still", -each.excess_milli, each.sku))
        return tuple((self._item_name(each.sku), each.excess_milli) for each in slow[:TOP_ITEMS])

    def _workstations(
        self, day: str, parts: Mapping[str, WorkstationPart], others: OtherParts
    ) -> tuple[WorkstationDay, ...]:
        counter = self._counter
        identity = counter.identity
        heard = counter.replica.read(store_day.last_heard)
        known = counter.replica.read(lambda c: store_day.workstations_of(c, identity.store_id))
        names = {workstation_id: name for workstation_id, name, _ in known}
        names[identity.workstation_id] = identity.workstation_name
        active = {workstation_id for workstation_id, _, is_active in known if is_active}
        wanted = {identity.workstation_id, *active, *(name for name, part in parts.items() if part.sales)}
        until_ms = min(counter.time.instant_ms() - SILENT_MS, self._end_of(day))
        found = []
        for workstation_id in wanted:
            part, is_own = (
                parts.get(workstation_id, WorkstationPart()),
                workstation_id == identity.workstation_id,
            )
            at_ms = None if is_own else heard.get(workstation_id)
            told_ms = others.told_at_ms.get(workstation_id)
            by_neighbour = told_ms is not None and (at_ms is None or told_ms > at_ms)
            at_ms = told_ms if by_neighbour else at_ms
            closed = by_neighbour and workstation_id in others.closed_there
            found.append(
                WorkstationDay(
                    workstation_id,
                    names.get(workstation_id, workstation_id),
                    is_own,
                    "open" if part.open_shifts else "settled" if part.shifts else "unused",
                    part.sales,
                    part.total_minor,
                    sum(each.over_minor for each in part.shifts),
                    at_ms,
                    not is_own and not closed and (at_ms is None or at_ms < until_ms),
                    by_neighbour,
                )
            )
        return tuple(sorted(found, key=lambda each: (not each.is_own, each.name, each.workstation_id)))

    def _end_of(self, day: str) -> int:
        """The instant at which the next day begins in the store."""
        rules = self._counter.rules
        midnight = datetime.fromisoformat(day) + WEEK / 7 + timedelta(minutes=rules.day_start_minutes)
        try:
            zone: Any = ZoneInfo(rules.store.time_zone)
        except (ZoneInfoNotFoundError, ValueError):
            zone = ZoneInfo("UTC")
        return int(midnight.replace(tzinfo=zone).timestamp() * 1000)

    def _departments(self, said: StoreDay) -> tuple[tuple[str, Margin], ...]:
        """By what they brought."""
        named = []
        for code, margin in said.departments.items():
            department = self._counter.replica.department(code) if code else None
            named.append((code if department is None else department.name, margin))
        return tuple(sorted(named, key=lambda each: (-each[1].costed_minor, each[0])))

    def _is_purse(self, sku: str) -> bool:
        """Money put on a purse or a gift card is no item that sells well."""
        item = self._counter.replica.item_by_sku(sku)
        return item is not None and STORED_VALUE_TAG in item.tags

    def _item_name(self, sku: str) -> str:
        item = self._counter.replica.item_by_sku(sku)
        return sku if item is None else item.name

    def _name(self, operator_id: str) -> str:
        found = self._counter.replica.employee(operator_id) if operator_id else None
        return found.name if found is not None else operator_id


def _hours(parts: Mapping[str, WorkstationPart]) -> dict[int, int]:
    hours: dict[int, int] = defaultdict(int)
    for part in parts.values():
        for hour, minor in part.hours.items():
            hours[hour] += minor
    return dict(hours)


def _shift(row: tuple[Any, ...]) -> ShiftPart:
    shift_id, opened_at_ms, z_number, settlement = row
    tenders = json.loads(settlement)["body"]["tenders"] if settlement else []
    return ShiftPart(shift_id, opened_at_ms, z_number, over_of(tenders))
