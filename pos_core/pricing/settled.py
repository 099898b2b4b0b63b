"""Item promotions whose thresholds leave reduced goods out, when the search may still reduce some.

What conditions and ladders of phase item measure is known beforehand, except that an optional price, once
taken, removes its units from what `exclude_reduced` admits. docs/promotions.md, 2.2 and 2.5.
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy

from pos_core.pricing.goods import Goods
from pos_core.pricing.offer import ITEM, PRICE, Offer
from pos_core.pricing.standing import Unit
from pos_core.pricing.whole import measured_now


class Settled:
    """The promotions of one basket as they are once its prices stand."""

    def __init__(self, goods: Goods, offers: Sequence[Offer]) -> None:
        self.goods = goods
        self._open: set[int] = set()
        self._known: dict[tuple[int, int | None, int], Offer] = {}
        if any(offer.phase == PRICE for offer in offers):
            sale = goods.rules.index.sale_goods
            for offer in offers:
                if offer.phase == ITEM and not sale.keys().isdisjoint(_measures(offer)):
                    self._open.add(offer.rank)

    def at(self, offer: Offer, units: Sequence[tuple[Unit, int]]) -> Offer | None:
        """The promotion with the step and the multiple that the units now reach; None: not reached."""
        if offer.rank not in self._open:
            return offer
        found = measured_now(self.goods, offer, units)
        if found is None:
            return None
        value, tier, multiple = found
        if (tier, multiple) == (offer.tier, offer.multiple):
            return offer
        key = (offer.rank, tier, multiple)
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = copy(offer)
            known.value, known.tier, known.multiple = value, tier, multiple
            # What was worked out beforehand is for the step that prices reach at most.
            known.raws, known.shares = {}, {}
            if known.members_max is not None and offer.multiple:
                known.members_max = known.members_max // offer.multiple * multiple
        return known


def _measures(offer: Offer) -> list[int]:
    """Numbers of the selections that conditions and ladder measure."""
    assert offer.compiled is not None
    selects = [condition.select for condition in offer.conditions]
    return selects if offer.ladder is None else [*selects, offer.compiled.ladder_select]
