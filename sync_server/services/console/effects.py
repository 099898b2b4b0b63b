"""What a campaign did: reach, redemption, sales, margin, and its lift against those who were held out.

The lift is the difference of the means of what members of the two arms bought from the day on which they
were reached; its interval is Welch's at 95 % with the normal quantile, which is right for arms of some dozens
and more. Who is held out was drawn by lot: the difference is the campaign's doing and chance, nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Any

from pos_core.clock import Clock
from sync_server.services.campaigns.plan import Plan
from sync_server.services.console.campaigns import Campaigns, OneCampaign
from sync_server.services.console.periods import Period
from sync_server.store import effect
from sync_server.store.engine import Store, Txn

MEMBERS_MAX = 20_000
"""Of each arm: who is in an arm does not hang on his id, so the first by id are as good as any."""
BASKETS_SHOWN = 100
ARM_MIN = 30
Z_95 = 1.959964
_AT_ONCE = 400


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
    treated: Arm
    control: Arm
    lift_minor: float | None
    low_minor: float | None
    high_minor: float | None
    baskets: Sequence[Mapping[str, Any]]
    net_minor: int
    margin_ppm: int | None
    margin_minor: int | None
    incremental_minor: int | None
    roi_ppm: int | None
    cut: bool


class Effects:
    """Reads."""

    def __init__(self, store: Store, campaigns: Campaigns, clock: Clock) -> None:
        self._store = store
        self._campaigns = campaigns
        self._clock = clock

    def of(self, campaign_id: str, region: str | None, period: Period) -> Effect:
        """`period` says the chain's zone and up to which day is counted. Raises NoSuchPlan."""
        one = self._campaigns.one(campaign_id, region)

        def read(txn: Txn) -> tuple[Arm, Arm, list[dict[str, Any]], tuple[int, int, int]]:
            arms = [self._arm(txn, campaign_id, arm, period) for arm in ("issued", "held_out")]
            found = effect.baskets(txn, campaign_id, BASKETS_SHOWN)
            return arms[0], arms[1], found, effect.margin(txn, campaign_id)

        treated, control, baskets, (net, costed, cost) = self._store.read(read)
        lift = low = high = None
        if treated.members >= ARM_MIN <= control.members:
            lift = treated.mean_minor - control.mean_minor
            half = Z_95 * sqrt(treated.variance / treated.members + control.variance / control.members)
            low, high = lift - half, lift + half
        rate = None if costed <= 0 else (costed - cost) / costed
        margin = None if rate is None else round(net * rate)
        given, issued = one.given_minor, one.reach.get("issued", 0)
        incremental = None if lift is None else round(lift * issued)
        roi = None
        if incremental is not None and rate is not None and given > 0:
            # What a coupon gives is in the net already: what the campaign earned is the margin it brought.
            roi = round(incremental * rate * 1_000_000 / given)
        return Effect(
            one, treated, control, lift, low, high, baskets, net,
            None if rate is None else round(rate * 1_000_000), margin, incremental, roi,
            max(treated.members, control.members) >= MEMBERS_MAX,
        )  # fmt: skip

    @staticmethod
    def last_day(plan: Plan, now_ms: int) -> int:
        """The moment up to which a campaign's effect is counted."""
        return min(plan.valid_to_ms, now_ms)

    def _arm(self, txn: Txn, campaign_id: str, arm: str, period: Period) -> Arm:
        reached = effect.reached(txn, campaign_id, arm, MEMBERS_MAX)
        names = sorted(reached)
        since = {name: period.day_of(at_ms) for name, at_ms in reached.items()}
        spent = dict.fromkeys(names, 0)
        for start in range(0, len(names), _AT_ONCE):
            part = names[start : start + _AT_ONCE]
            first = min(since[name] for name in part)
            for member_id, day, kind, total in effect.bought(txn, part, first, period.day_to):
                if day >= since[member_id]:
                    spent[member_id] += total if kind == "sale" else -total
        return arm_of(list(spent.values()))


def arm_of(spent: Sequence[int]) -> Arm:
    """Mean and variance of what each member spent, those who spent nothing among them."""
    count = len(spent)
    mean = sum(spent) / count if count else 0.0
    variance = sum((each - mean) ** 2 for each in spent) / (count - 1) if count > 1 else 0.0
    return Arm(count, sum(1 for each in spent if each > 0), mean, variance)
