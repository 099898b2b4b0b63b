"""What a campaign did: reach, redemption, sales, margin, and its lift against those who were held out.

The lift is the difference of the means of what members of the two arms bought from the day on which they
were reached; its interval is Welch's at 95 % with the normal quantile, which is right for arms of some dozens
and more. Who is held out was drawn by lot: the difference is the campaign's doing and chance, nothing else.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Any

from pos_core.clock import Clock
from sync_server.services.campaigns.plan import Plan
from sync_server.services.console.campaign_overview import Took, took_of
from sync_server.services.console.campaigns import Campaigns, OneCampaign
from sync_server.services.console.documents import stores_in
from sync_server.services.console.periods import Period
from sync_server.store import campaign_sums, effect
from sync_server.store.engine import Store, Txn

MEMBERS_MAX = 10_000
"""Of each arm: who is in an arm does not hang on his id, so the first by id are as good as any."""
BASKETS_SHOWN = 100
ARM_MIN = 30
ARM_SHOWN = 100
ARM_READ = 2000
"""Members that a page looks at for those who bought."""
PURCHASES_SHOWN = 300
Z_95 = 1.959964
_QUARTER_MS = 15 * 60_000
KEPT_ABOVE = 2000
KEPT_MS = 10 * 60_000
KEPT_MAX = 100


@dataclass(frozen=True, slots=True)
class Arm:
    """What members of one arm bought, in minor units: `buyers` of `members` bought anything."""

    members: int
    buyers: int
    mean_minor: float
    variance: float


@dataclass(frozen=True, slots=True)
class Effect:
    """`lift_minor` a member, with its interval; None: too few in an arm. `roi_ppm`: incremental margin over

    what coupons gave.
    """

    one: OneCampaign
    took: Took
    treated: Arm
    control: Arm
    lift_minor: float | None
    low_minor: float | None
    high_minor: float | None
    baskets: Sequence[Mapping[str, Any]]
    incremental_minor: int | None
    roi_ppm: int | None
    cut: bool


@dataclass(frozen=True, slots=True)
class ArmMember:
    """A member of an arm: when he was reached (or held out), and what he bought since, returns off."""

    member_id: str
    at_ms: int
    since: str
    spent_minor: int


class Effects:
    """Reads."""

    def __init__(self, store: Store, campaigns: Campaigns, clock: Clock) -> None:
        self._store = store
        self._campaigns = campaigns
        self._clock = clock
        self._kept: dict[tuple[str, str], tuple[int, tuple[Arm, Arm]]] = {}

    def of(self, campaign_id: str, region: str | None, period: Period) -> Effect:
        """`period` says the chain's zone and up to which day is counted. Raises NoSuchPlan."""
        one = self._campaigns.one(campaign_id, region)

        def read(txn: Txn) -> tuple[Arm, Arm, list[dict[str, Any]], Took]:
            arms = self._arms(txn, campaign_id, period)
            found = _baskets(txn, campaign_id, None, "", "")
            return arms[0], arms[1], found, took_of(txn, [campaign_id], None)[campaign_id]

        treated, control, baskets, took = self._store.read(read)
        lift = low = high = None
        if treated.members >= ARM_MIN <= control.members:
            lift = treated.mean_minor - control.mean_minor
            half = Z_95 * sqrt(treated.variance / treated.members + control.variance / control.members)
            low, high = lift - half, lift + half
        incremental = None if lift is None else round(lift * one.reach.get("issued", 0))
        roi = took.roi_of(incremental)
        return Effect(
            one, took, treated, control, lift, low, high, baskets, incremental, roi,
            max(treated.members, control.members) >= MEMBERS_MAX,
        )  # fmt: skip

    def arm(
        self, campaign_id: str, period: Period, arm: str, after: str, *, bought: bool
    ) -> tuple[list[ArmMember], str]:
        """Members of an arm (`issued`, `held_out`) by id, and behind whom the next page begins ("": no more).

        `bought`: those alone who bought anything; a page of them may be short.
        """

        def read(txn: Txn) -> tuple[list[ArmMember], str]:
            reached = effect.reached(txn, campaign_id, arm, ARM_READ if bought else ARM_SHOWN, after)
            spent = _spent(txn, (campaign_id, arm), reached, period)
            found = [
                ArmMember(name, at_ms, period.day_of(at_ms), spent[name])
                for name, at_ms in reached.items()
                if spent[name] > 0 or not bought
            ]
            if len(found) > ARM_SHOWN:
                return found[:ARM_SHOWN], found[ARM_SHOWN - 1].member_id
            is_full = len(reached) == (ARM_READ if bought else ARM_SHOWN)
            return found, max(reached) if is_full else ""

        return self._store.read(read)

    def purchases(self, campaign_id: str, period: Period, member_id: str) -> list[dict[str, Any]]:
        """What is counted of a member of either arm, the newest first; of anybody else nothing."""

        def read(txn: Txn) -> list[dict[str, Any]]:
            at_ms = effect.reached_at(txn, campaign_id, member_id)
            if at_ms is None:
                return []
            return effect.purchases(txn, member_id, period.day_of(at_ms), period.day_to, PURCHASES_SHOWN)

        return self._store.read(read)

    def baskets(
        self, campaign_id: str, region: str | None, *, day: str = "", store_id: str = ""
    ) -> list[dict[str, Any]]:
        """The newest baskets, of a day and of a store where they are named."""

        def read(txn: Txn) -> list[dict[str, Any]]:
            there = None if region is None else stores_in(txn, region)
            return _baskets(txn, campaign_id, there, day, store_id)

        return self._store.read(read)

    @staticmethod
    def last_day(plan: Plan, now_ms: int) -> int:
        """The moment up to which a campaign's effect is counted."""
        return min(plan.valid_to_ms, now_ms)

    def _arms(self, txn: Txn, campaign_id: str, period: Period) -> tuple[Arm, Arm]:
        """Treated and held out; of many members they are kept a while: they take long and change little."""
        now = self._clock.monotonic_ms()
        kept = self._kept.get((campaign_id, period.day_to))
        if kept is not None and now - kept[0] < KEPT_MS:
            return kept[1]
        treated, control = (self._arm(txn, campaign_id, arm, period) for arm in ("issued", "held_out"))
        if treated.members + control.members > KEPT_ABOVE:
            self._kept = dict(list(self._kept.items())[-KEPT_MAX:])
            self._kept[campaign_id, period.day_to] = (now, (treated, control))
        return treated, control

    def _arm(self, txn: Txn, campaign_id: str, arm: str, period: Period) -> Arm:
        reached = effect.reached(txn, campaign_id, arm, MEMBERS_MAX)
        return arm_of(list(_spent(txn, (campaign_id, arm), reached, period).values()))


def _spent(txn: Txn, of: tuple[str, str], reached: Mapping[str, int], period: Period) -> dict[str, int]:
    """Member of an arm of a campaign → what he bought from the day on which he was first reached."""
    since: dict[str, list[str]] = defaultdict(list)
    # Days begin on a quarter of an hour in every zone: ten thousand members share a few of them.
    days = {
        quarter: period.day_of(quarter * _QUARTER_MS)
        for quarter in {at // _QUARTER_MS for at in reached.values()}
    }
    for name, at_ms in reached.items():
        since[days[at_ms // _QUARTER_MS]].append(name)
    spent = dict.fromkeys(reached, 0)
    for first, names in since.items():
        day = Period(first, first, period.zone)
        who = effect.Reached(*of, min(names), max(names), day.begin_ms, day.end_ms)
        found = effect.spent(txn, who, first, period.day_to)
        spent |= {name: found[name] for name in found.keys() & set(names)}
    return spent


def _baskets(
    txn: Txn, campaign_id: str, there: set[str] | None, day: str, store_id: str
) -> list[dict[str, Any]]:
    """Only as many days back as it takes: a campaign may have a million baskets."""
    if store_id:
        there = {store_id} & there if there is not None else {store_id}
    first, last = day or "0", day or "9"
    if not day and there is None:
        room = BASKETS_SHOWN
        for row in reversed(campaign_sums.days(txn, campaign_id)):
            first, room = row["business_day"], room - row["baskets"]
            if room <= 0:
                break
    return effect.baskets(txn, campaign_id, there, (first, last), BASKETS_SHOWN)


def arm_of(spent: Sequence[int]) -> Arm:
    """Mean and variance of what each member spent, those who spent nothing among them."""
    count = len(spent)
    mean = sum(spent) / count if count else 0.0
    variance = sum((each - mean) ** 2 for each in spent) / (count - 1) if count > 1 else 0.0
    return Arm(count, sum(1 for each in spent if each > 0), mean, variance)
