"""One coupon's uses.

    {"campaign": campaign_id | null, "uses": {"document#place": [stamp, store_id, amount_minor]},
     "restored": {document: stamp}}

A return may restore the coupon that its sale took (`restored`: the sale's document key → the return's
stamp); the return may be heard of before the sale.
"""

from __future__ import annotations

from typing import Any

from pos_core.sync.folds.facts import CouponRestored, CouponUsed
from pos_core.sync.folds.fold import Fold, State
from pos_core.sync.folds.stamp import Stamp, stamp_from

EMPTY: State = {"campaign": None, "uses": {}, "restored": {}}


def apply(state: State | None, fact: CouponUsed | CouponRestored) -> State:
    """With one more use or restoration."""
    before = state or EMPTY
    stamp = fact.stamp.as_value()
    if isinstance(fact, CouponUsed):
        name = f"{fact.stamp.document}#{fact.stamp.place}"
        uses = {**before["uses"], name: [stamp, fact.store_id, fact.amount_minor]}
        return {**before, "campaign": fact.campaign_id, "uses": uses}
    known = before["restored"].get(fact.origin)
    first = stamp if known is None else min(known, stamp)
    return {**before, "restored": {**before["restored"], fact.origin: first}}


def live_uses(state: State | None) -> list[tuple[Stamp, str, int]]:
    """Uses that no return undid, earliest first: stamp, store, amount in minor units."""
    if state is None:
        return []
    uses: list[list[Any]] = sorted(state["uses"].values())
    found = [(stamp_from(stamp), store_id, amount_minor) for stamp, store_id, amount_minor in uses]
    return [use for use in found if use[0].document not in state["restored"]]


FOLD = Fold("coupon_use", (CouponUsed, CouponRestored), lambda fact: str(fact.coupon_key), apply)
