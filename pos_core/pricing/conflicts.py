"""Which promotions may meet: on a unit (S1, unit extent) and in the basket (S2, phase and basket extent).

docs/promotions.md, "Stacking". Everything is a bit mask so that the search asks with one `&`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

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
        self.renew(offers)

    def renew(self, offers: Sequence[Offer]) -> None:
        """The same of other offers, or of the same ones ranked anew."""
        self.tag = [0] * len(offers)
        self.bar = [0] * len(offers)
        self.clash = [0] * len(offers)
        listed = [i for i, offer in enumerate(offers) if offer.listed]
        on_unit = [i for i in listed if offers[i].stack.extent == "unit"] if listed else listed
        self._units(offers, on_unit)
        self._baskets(offers, [i for i in listed if i not in on_unit] if listed else listed)
        self.any_clash = any(self.clash)

    def among(self, offers: Sequence[Offer]) -> Conflicts:
        """Of the same tags and bars, those of some offers, in their order; none of them may clash."""
        found = Conflicts(())
        found.tag = [self.tag[offer.rank] for offer in offers]
        found.bar = [self.bar[offer.rank] for offer in offers]
        found.clash = [0] * len(offers)
        return found

    def _units(self, offers: Sequence[Offer], listed: Sequence[int]) -> None:
        bit = FIRST_TAG
        tag, bar = self.tag, self.bar
        groups: dict[str, int] = {}
        for i, offer in enumerate(offers):
            stack = offer.stack
            if stack.mode == "one_per_unit":
                own_bit = groups.get(stack.group)
                if own_bit is None:
                    own_bit = groups[stack.group] = bit
                    bit <<= 1
                tag[i] = bar[i] = own_bit
        if not listed:
            return
        # A bit of its own for every promotion; everyone: those that bar all whom they do not name.
        own = [bit << i for i in range(len(offers))]
        names = _names(offers)
        everyone, named = 0, [0] * len(offers)
        for i in listed:
            admitted = _admitted(offers[i], names) | 1 << i
            everyone |= own[i]
            self.bar[i] |= ((1 << len(offers)) - 1 & ~admitted) * bit
            for j in bits_of(admitted):
                named[j] |= own[i]
        for j in range(len(offers)):
            self.tag[j] |= own[j]
            self.bar[j] |= everyone & ~named[j]

    def _baskets(self, offers: Sequence[Offer], listed: Sequence[int]) -> None:
        best: dict[str, list[int]] = {}
        for i, offer in enumerate(offers):
            if offer.stack.mode == "best":
                best.setdefault(offer.stack.group, []).append(i)
        for members in best.values():
            mask = 0
            for i in members:
                mask |= 1 << i
            for i in members:
                self.clash[i] = mask ^ 1 << i
        if not listed:
            return
        names = _names(offers)
        basket = sum([mask for name, mask in names.items() if name in _BASKET_PHASES])
        # By extent: promotions that admit nobody but those they name.
        everyone: dict[str, int] = {}
        named = [0] * len(offers)
        for i in listed:
            offer = offers[i]
            phase = f"phase:{PHASES[offer.phase]}"
            if offer.stack.extent != "phase" and offer.phase < ITEM:
                continue
            extent, within = (phase, names[phase]) if offer.stack.extent == "phase" else ("", basket)
            admitted = _admitted(offer, names) | 1 << i
            everyone[extent] = everyone.get(extent, 0) | 1 << i
            self.clash[i] |= within & ~admitted
            for j in bits_of(admitted):
                named[j] |= 1 << i
        for j, offer in enumerate(offers):
            others = everyone.get(f"phase:{PHASES[offer.phase]}", 0)
            if offer.phase >= ITEM:
                others |= everyone.get("", 0)
            self.clash[j] |= others & ~named[j]


_BASKET_PHASES = tuple(f"phase:{phase}" for phase in PHASES[ITEM:])


def _names(offers: Sequence[Offer]) -> dict[str, int]:
    """Id, `group:` and `phase:` → the promotions that are called so, as bits by place."""
    found: dict[str, int] = {}
    for i, offer in enumerate(offers):
        for name in {offer.id, f"group:{offer.stack.group}", f"phase:{PHASES[offer.phase]}"}:
            found[name] = found.get(name, 0) | 1 << i
    return found


def _admitted(offer: Offer, names: dict[str, int]) -> int:
    """Whom a promotion with a list admits; an exclusive one admits nobody."""
    if offer.stack.mode == "exclusive":
        return 0
    mask = 0
    for name in offer.stack.combines_with or ():
        mask |= names.get(name, 0)
    return mask


def bits_of(mask: int) -> Iterator[int]:
    """The places of the bits that are set, from the lowest."""
    while mask:
        low = mask & -mask
        yield low.bit_length() - 1
        mask ^= low


def all_choices(items: Sequence[Offer], later: Sequence[Offer], conflicts: Conflicts) -> bool:
    """True when only common units couple the item promotions: no duty, points, clash or shared coupon."""
    campaigns: set[str] = set()
    clash = conflicts.clash
    for offer in items:
        if offer.coupled or clash[offer.rank]:
            return False
        if offer.campaign is not None:
            if offer.campaign in campaigns:
                return False
            campaigns.add(offer.campaign)
    return not campaigns or not any(o.campaign in campaigns for o in later)
