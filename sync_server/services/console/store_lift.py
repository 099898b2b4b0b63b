"""What a campaign did to whole stores: those held out beside the others, before it and since.

Of each store: what it sold a day since the campaign began less what it sold a day before (difference in
differences: what sets stores apart for good, and what befalls all of them, falls out). The store is the unit,
because members of one store are not independent of each other. The lift is the difference of the means of the
two groups; its interval at 95 % is Welch's, with Student's quantile at the degrees of freedom that Welch and
Satterthwaite give. Fewer than `STORES_MIN` stores in a group, or none that differ: nothing can be told.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import sqrt

from pos_core.clock import Clock
from sync_server.services.campaigns.plan import Plan
from sync_server.services.campaigns.store_holdout import STORES_MIN
from sync_server.services.console.periods import DAYS_MAX, Period
from sync_server.services.importing.context import chain_view
from sync_server.store import effect
from sync_server.store.engine import Store, Txn

BEFORE_DAYS = (28, 91)
"""As many days before as since, at least and at most these: whole weeks even out the days of the week."""
IN, OUT = "in", "out"
KEPT_DAYS = 62
"""Longer ones are kept a while: they are added up from thousands of rows a day."""
KEPT_MS = 10 * 60_000
KEPT_MAX = 50
_Z = 1.959963985


@dataclass(frozen=True, slots=True)
class StoreChange:
    """What one store sold, in minor units, returns off. `counted`: it sold something before the campaign."""

    store_id: str
    name: str
    region: str
    group: str
    before_minor: int
    after_minor: int
    before_day: float
    after_day: float

    @property
    def change(self) -> float:
        """A day, since less before."""
        return self.after_day - self.before_day

    @property
    def counted(self) -> bool:
        """A store without sales before (new, or a warehouse) would count its opening as the campaign's."""
        return self.before_minor > 0


@dataclass(frozen=True, slots=True)
class StoreGroup:
    """Means over the counted stores of a group, minor units a day; the variance is that of their changes."""

    stores: int
    before_day: float
    after_day: float
    change: float
    variance: float


@dataclass(frozen=True, slots=True)
class StoreLift:
    """`lift_minor` a store and day; None: nothing can be told. `freedom`: degrees; `quantile`: Student's."""

    before: Period
    after: Period
    days: int
    stores: Sequence[StoreChange]
    treated: StoreGroup
    control: StoreGroup
    lift_minor: float | None = None
    half_minor: float = 0.0
    freedom: float = 0.0
    quantile: float = 0.0

    @property
    def low_minor(self) -> float | None:
        """Where the interval begins."""
        return None if self.lift_minor is None else self.lift_minor - self.half_minor

    @property
    def high_minor(self) -> float | None:
        """Where it ends."""
        return None if self.lift_minor is None else self.lift_minor + self.half_minor

    @property
    def incremental_minor(self) -> int | None:
        """The lift of all stores that are not held out, over all days since."""
        return None if self.lift_minor is None else round(self.lift_minor * self.treated.stores * self.days)


class StoreLifts:
    """Reads."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._kept: dict[tuple[str, str, str], tuple[int, StoreLift]] = {}

    def of(self, campaign_id: str, plan: Plan, until: Period) -> StoreLift | None:
        """`until`: the chain's zone and the last day counted. None: the campaign holds no store out."""
        if not plan.stores_out:
            return None
        now = self._clock.monotonic_ms()

        def read(txn: Txn) -> StoreLift:
            since = max(plan.valid_from_ms, effect.first_reach(txn, campaign_id) or 0)
            before, after = windows(until.day_of(since), until)
            key = (campaign_id, after.day_from, after.day_to)
            kept = self._kept.get(key)
            if kept is not None and now - kept[0] < KEPT_MS:
                return kept[1]
            found = lift_of(_changes(txn, plan, before, after), before, after)
            if found.days > KEPT_DAYS:
                self._kept = {**dict(list(self._kept.items())[-KEPT_MAX:]), key: (now, found)}
            return found

        return self._store.read(read)


def windows(first: str, until: Period) -> tuple[Period, Period]:
    """The days before and those since: both inside, the campaign's first day is the first of those since."""
    last = date.fromisoformat(until.day_to)
    begin = max(min(date.fromisoformat(first), last), last - timedelta(days=DAYS_MAX - 1))
    days = (last - begin).days + 1
    back = begin - timedelta(days=min(max(days, BEFORE_DAYS[0]), BEFORE_DAYS[1]))
    day_before = (begin - timedelta(days=1)).isoformat()
    return (
        Period(back.isoformat(), day_before, until.zone),
        Period(begin.isoformat(), until.day_to, until.zone),
    )


def lift_of(stores: Sequence[StoreChange], before: Period, after: Period) -> StoreLift:
    """See the module."""
    treated, control = (
        _group([each for each in stores if each.counted and each.group == side]) for side in (IN, OUT)
    )
    made = StoreLift(before, after, _days(after), stores, treated, control)
    parts = [group.variance / group.stores if group.stores else 0.0 for group in (treated, control)]
    if min(treated.stores, control.stores) < STORES_MIN or sum(parts) <= 0:
        return made
    spread = parts[0] ** 2 / (treated.stores - 1) + parts[1] ** 2 / (control.stores - 1)
    freedom = sum(parts) ** 2 / spread
    quantile = student_975(freedom)
    return StoreLift(
        before, after, made.days, stores, treated, control,
        treated.change - control.change, quantile * sqrt(sum(parts)), freedom, quantile,
    )  # fmt: skip


def student_975(freedom: float) -> float:
    """The 97.5 % quantile of Student's t (Abramowitz and Stegun 26.7.5): to 0.001 from 4 degrees on."""
    z, n = _Z, freedom
    terms = (
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
        (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / 92160,
    )
    return z + sum(term / n**power for power, term in enumerate(terms, 1))


def _changes(txn: Txn, plan: Plan, before: Period, after: Period) -> list[StoreChange]:
    """Every store of both groups, those without sales too, by id."""
    sums = [effect.store_nets(txn, each.day_from, each.day_to) for each in (before, after)]
    days = [_days(each) for each in (before, after)]
    known = chain_view(txn).stores
    found = []
    for group, names in ((IN, plan.stores_in), (OUT, plan.stores_out)):
        for name in names:
            row: Mapping[str, str] = known.get(name, {})
            was, is_now = (nets.get(name, 0) for nets in sums)
            found.append(
                StoreChange(
                    name, row.get("name", ""), row.get("region", ""), group,
                    was, is_now, was / days[0], is_now / days[1],
                )
            )  # fmt: skip
    return sorted(found, key=lambda each: each.store_id)


def _group(stores: Collection[StoreChange]) -> StoreGroup:
    count = len(stores)
    if not count:
        return StoreGroup(0, 0.0, 0.0, 0.0, 0.0)
    before, after = (
        sum(each) / count for each in zip(*((s.before_day, s.after_day) for s in stores), strict=True)
    )
    mean = sum(each.change for each in stores) / count
    squares = sum((each.change - mean) ** 2 for each in stores)
    return StoreGroup(count, before, after, mean, squares / (count - 1) if count > 1 else 0.0)


def _days(of: Period) -> int:
    return (date.fromisoformat(of.day_to) - date.fromisoformat(of.day_from)).days + 1
