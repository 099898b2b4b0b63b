"""Carrying out a plan in the order of evaluation, gift entitlements noted on the way."""

from __future__ import annotations

from collections.abc import Sequence

from pos_core.pricing.conflicts import Conflicts
from pos_core.pricing.goods import Goods
from pos_core.pricing.ledger import Ledger
from pos_core.pricing.offer import Offer
from pos_core.pricing.plan import Step, member_key
from pos_core.pricing.result import GiftEntitlement
from pos_core.pricing.standing import Unit, conditions_hold
from pos_core.pricing.whole import gift_entitlement, use_scope, use_whole


def carry_out(
    goods: Goods,
    offers: Sequence[Offer],
    conflicts: Conflicts,
    steps: Sequence[Step],
    later: Sequence[Offer],
    shipping: int,
) -> tuple[Ledger, tuple[GiftEntitlement, ...]]:
    """The units after the plan, with their histories, and what gifts it entitles to (sorted by promotion).

    Whoever measures thresholds on them begins phase shipping first, in which nets are what they come to.
    """
    ledger = Ledger(goods, conflicts, shipping)
    gifts: list[GiftEntitlement] = []
    by_rank: dict[int, list[Step]] = {offer.rank: [] for offer in later}
    for step in steps:
        by_rank.setdefault(step.offer.rank, []).append(step)
    # Gifts are among the promotions that every basket looks at.
    gift_ranks = [offer.rank for offer in offers if offer.kind == "gift"] if goods.rules.always else ()
    used = sum([1 << rank for rank in by_rank]) if gift_ranks else 0
    for rank in sorted({*by_rank, *gift_ranks}) if gift_ranks else sorted(by_rank):
        offer = offers[rank]
        mine = by_rank.get(rank, [])
        if offer.phase != ledger.phase:
            ledger.begin(offer.phase)
        if offer.kind == "gift" and not used & conflicts.clash[rank]:
            gift = _entitlement(goods, offer, ledger, mine)
            gifts += [gift] if gift else []
        if not mine and rank in by_rank:
            mine = [use_later(goods, offer, ledger.units(), ledger)]
        ledger.apply(_by_members(mine) if len(mine) > 1 else mine)
    return ledger, tuple(sorted(gifts, key=lambda g: g.promotion_id)) if gifts else ()


def in_order(steps: Sequence[Step]) -> list[Step]:
    """The order of evaluation: by promotion, those of one promotion by their members."""
    ordered = sorted(steps, key=_rank)
    ranks = {step.offer.rank for step in steps}
    if len(ranks) < len(ordered):
        ordered.sort(key=lambda step: (step.offer.rank, member_key(step.members)))
    return ordered


def _rank(step: Step) -> int:
    return step.offer.rank


def _by_members(steps: Sequence[Step]) -> list[Step]:
    return sorted(steps, key=lambda step: member_key(step.members))


def use_later(goods: Goods, offer: Offer, units: Sequence[tuple[Unit, int]], ledger: Ledger) -> Step:
    """A promotion of which only that it is used is known. `units`: as they stand, in canonical order."""
    bar = ledger.conflicts.bar[offer.rank]
    if offer.compiled is not None and offer.compiled.stated:
        # Nothing but its conditions depends on the units, and the search knows that they hold.
        found = use_scope(goods, offer, units, bar, offer.value, offer.tier, 1, offer.budget)
    else:
        found = use_whole(goods, offer, units, ledger.shipping, bar, offer.budget)
    assert found is not None
    return Step(offer, found.members, found.amount, 1, found.tier, found.multiple, found.unplaced, found.cut)


def _entitlement(goods: Goods, offer: Offer, ledger: Ledger, steps: Sequence[Step]) -> GiftEntitlement | None:
    units = ledger.units()
    if not conditions_hold(goods, offer, units):
        return None
    entitled = gift_entitlement(goods, offer, units)
    if not entitled:
        return None
    given = sum(n for step in steps for _, _, n, _ in step.members)
    return GiftEntitlement(promotion_id=offer.id, units_entitled=entitled, units_given=given)
