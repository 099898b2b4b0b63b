"""Which promotions may meet: on a unit (S1, unit extent) and in the basket (S2, phase and basket extent).

docs/promotions.md, "Stacking". Everything is a bit mask so that the search asks with one `&`.
"""

from __future__ import annotations

from collections.abc import Sequence

from pos_core.pricing.offer import ITEM, Offer
from pos_core.pricing.standing import FIRST_TAG
from pos_core.pricing.values import PHASES


class Conflicts:
    """Per offer (by rank): masks of unit tags and of offers used.

    Attributes:
        tag: bits that an application puts on its members; bar: bits that keep a unit out.
        clash: offers (bit 1 << rank) that cannot be used in one basket with this one.
    """

    __slots__ = ("any_clash", "bar", "clash", "tag")

    def __init__(self, offers: Sequence[Offer]) -> None:
        self.tag = [0] * len(offers)
        self.bar = [0] * len(offers)
        self.clash = [0] * len(offers)
        self._units(offers)
        self._baskets(offers)
        self.any_clash = any(self.clash)

    def among(self, offers: Sequence[Offer]) -> Conflicts:
        """Of the same tags and bars, those of some offers, in their order; none of them may clash."""
        found = Conflicts(())
        found.tag = [self.tag[offer.rank] for offer in offers]
        found.bar = [self.bar[offer.rank] for offer in offers]
        found.clash = [0] * len(offers)
        return found

    def _units(self, offers: Sequence[Offer]) -> None:
        bit = FIRST_TAG
        groups: dict[str, int] = {}
        for i, offer in enumerate(offers):
            if offer.stack.mode == "one_per_unit":
                if offer.stack.group not in groups:
                    groups[offer.stack.group] = bit
                    bit <<= 1
                self.tag[i] |= groups[offer.stack.group]
                self.bar[i] |= groups[offer.stack.group]
        listed = [i for i, o in enumerate(offers) if o.stack.extent == "unit" and has_list(o)]
        own: dict[int, int] = {}
        for i in listed:
            for j, other in enumerate(offers):
                if i == j or admits(offers[i], other):
                    continue
                for one, two in ((i, j), (j, i)):
                    if one not in own:
                        own[one] = bit
                        self.tag[one] |= bit
                        bit <<= 1
                    self.bar[two] |= own[one]

    def _baskets(self, offers: Sequence[Offer]) -> None:
        best: dict[str, int] = {}
        for i, offer in enumerate(offers):
            if offer.stack.mode == "best":
                best[offer.stack.group] = best.get(offer.stack.group, 0) | 1 << i
        for i, offer in enumerate(offers):
            if offer.stack.mode == "best":
                self.clash[i] |= best[offer.stack.group] & ~(1 << i)
            if offer.stack.extent == "unit" or not has_list(offer):
                continue
            for j, other in enumerate(offers):
                if i != j and _within(offer, other) and not admits(offer, other):
                    self.clash[i] |= 1 << j
                    self.clash[j] |= 1 << i


def all_choices(items: Sequence[Offer], later: Sequence[Offer], conflicts: Conflicts) -> bool:
    """True when only common units couple the item promotions: no duty, points, clash or shared coupon."""
    campaigns: set[str] = set()
    for offer in items:
        if offer.whole or not offer.optional or offer.points_cost or conflicts.clash[offer.rank]:
            return False
        if offer.campaign is not None:
            if offer.campaign in campaigns:
                return False
            campaigns.add(offer.campaign)
    return not any(o.campaign in campaigns for o in later)


def has_list(offer: Offer) -> bool:
    """True when the promotion says whom it admits, or that it admits nobody."""
    return offer.stack.mode == "exclusive" or offer.stack.combines_with is not None


def _within(one: Offer, other: Offer) -> bool:
    if one.stack.extent == "phase":
        return one.phase == other.phase
    return one.phase >= ITEM and other.phase >= ITEM


def admits(one: Offer, other: Offer) -> bool:
    """As `contradictions.admits`, for offers of price lists as well."""
    stack = one.stack
    if stack.mode == "exclusive":
        return False
    if stack.combines_with is None:
        return True
    names = {other.id, f"group:{other.stack.group}", f"phase:{PHASES[other.phase]}"}
    return not names.isdisjoint(stack.combines_with)
