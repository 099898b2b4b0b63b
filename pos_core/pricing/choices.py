"""The ways to use one choice promotion on the units as they stand, limits and budget kept."""

from __future__ import annotations

from collections.abc import Sequence

from pos_core.pricing.goods import Goods
from pos_core.pricing.groups import Group, Groups, Use, single_choices, use_of
from pos_core.pricing.offer import PRICE, Offer
from pos_core.pricing.packings import Packing, packings
from pos_core.pricing.plan import Step, member_key
from pos_core.pricing.standing import Unit
from pos_core.pricing.take import Member, base_of, rounds_the_sum, rule_floor
from pos_core.pricing.values import PPM

Units = tuple[tuple[Unit, int], ...]
"""Units with their number, in canonical order."""
GROUPS_LEAST = 4
"""Groups that a promotion may look at even when the work is used up."""


class Work:
    """Looks that a search may still take, dealt out evenly over its promotions.

    Attributes:
        now: what the promotion whose turn it is may still take; never less than `least`.
        room: what all those of the sweep may still take.
    """

    def __init__(self, most: int, least: int) -> None:
        self._least = least
        self._left = self.room = self.now = most

    def sweep(self, sweeps: int) -> None:
        """A sweep begins, the first of so many that are left."""
        self.room = self._left // sweeps

    def turn(self, promotions: int) -> None:
        """The turn of the next promotion, the first of so many that are left in the sweep."""
        self.now = max(self._least, self.room // promotions)

    def spend(self, looks: int) -> None:
        """So many have been taken."""
        self.now = max(self._least, self.now - looks)
        self.room = max(0, self.room - looks)
        self._left = max(0, self._left - looks)


def each_plans(
    goods: Goods,
    offer: Offer,
    units: list[tuple[Unit, int]],
    most: int,
    work: Work,
    forced: Sequence[tuple[Unit, int]] = (),
) -> tuple[list[list[tuple[Use, int]]], bool]:
    """Every way to use an each-kind on `forced` and some of `units`; complete, or cut at `most` of them.

    `work`: units that may be looked at; one way is looked at even when they are used up.
    """
    quota = _quota(goods, offer, units)
    if quota is not None:
        units = [entry for entry in units if quota[entry[0][0]]]
    if offer.kind != "amount_progressive":
        units = [entry for entry in units if gives(goods, offer, entry[0])]
    size = len(units) + len(forced)
    most = max(1, min(most, work.now // max(1, size)))
    choices, complete = single_choices(goods, offer, units, most, quota)
    work.spend(size * len(choices))
    tried = [_each_plan(goods, offer, (*forced, *chosen)) for chosen in choices]
    plans = [plan for plan in tried if plan is not None]
    if not complete and tried[0] is None:
        # Of very many choices the best may not be among those looked at: all units that are given anything.
        plan = _each_plan(goods, offer, _with_a_share(goods, offer, (*forced, *choices[0]), work))
        plans += [] if plan is None else [plan]
    return plans, complete


def _quota(goods: Goods, offer: Offer, units: Sequence[tuple[Unit, int]]) -> dict[int, int] | None:
    """How many units of each class `pick` leaves to choose from; None: it leaves all.

    Equal units are alike to it whatever was taken from them before: which of a class is part of the choice.
    """
    room, pick = offer.members_max, getattr(offer.benefit, "pick", "best")
    if pick == "best" or room is None:
        return None
    quota: dict[int, int] = {}
    for unit, count in units:
        quota[unit[0]] = quota.get(unit[0], 0) + count
    sign = 1 if pick == "cheapest" else -1
    for c in sorted(quota, key=lambda c: (sign * goods.price[c], c)):
        quota[c] = min(quota[c], room)
        room -= quota[c]
    return quota


def _each_plan(
    goods: Goods, offer: Offer, chosen: Sequence[tuple[Unit, int]]
) -> list[tuple[Use, int]] | None:
    """An each-kind on the chosen units, or None when that is not legal."""
    use = _each_use(goods, offer, chosen)
    if use is None or _idle(offer, use):
        return None
    if offer.count_by == "unit" and offer.uses is not None and _giving(use) > offer.uses:
        return None
    if offer.budget is not None and use.amount > offer.budget:
        return None
    return [(use, 1)]


def _each_use(goods: Goods, offer: Offer, chosen: Sequence[tuple[Unit, int]]) -> Use | None:
    role = "price" if offer.phase == PRICE else "each"
    return use_of(goods, offer, [(unit, n, role) for unit, n in chosen], offer.budget) if chosen else None


def _with_a_share(
    goods: Goods, offer: Offer, chosen: Sequence[tuple[Unit, int]], work: Work
) -> Sequence[tuple[Unit, int]]:
    """The chosen units without those that the rounding of the sum, or a cap, leaves nothing."""
    use = _each_use(goods, offer, chosen)
    while use is not None and _idle(offer, use):
        work.spend(len(chosen))
        shares = [(unit, sum(n for a, n in parts if a)) for unit, _, _, parts in use.members]
        chosen = [(unit, n) for unit, n in shares if n]
        use = _each_use(goods, offer, chosen)
    return chosen


class Known:
    """Groups and packings of the searches over one basket: they meet the same units again and again.

    Only what is the same whatever a search may still look at is used again, and it counts as looked at.
    """

    def __init__(self) -> None:
        self._groups: dict[tuple[Offer, Units], Groups] = {}
        self._uses: dict[Offer, dict[Group, Use | None]] = {}
        # With the members themselves, so that nothing else can come to have their id.
        self._keys: dict[int, tuple[object, tuple[tuple[int, str, int], ...]]] = {}
        self._packings: dict[tuple[Offer, Units, int | None], tuple[list[Packing], bool]] = {}

    def groups(self, goods: Goods, offer: Offer, units: Units) -> Groups:
        """The groups of an offer over units."""
        known = self._groups.get((offer, units))
        if known is None:
            known = self._groups[offer, units] = Groups(goods, offer, units, self._uses.setdefault(offer, {}))
        return known

    def key(self, step: Step) -> tuple[tuple[int, str, int], ...]:
        """As `member_key`: many plans share their applications."""
        known = self._keys.get(id(step.members))
        if known is None:
            known = self._keys[id(step.members)] = (step.members, member_key(step.members))
        return known[1]

    def packings(
        self, offer: Offer, uses: Sequence[Use], units: Units, times: int | None, most: int
    ) -> tuple[list[Packing], bool]:
        """As `packings`, of all groups of the offer."""
        key = (offer, units, times)
        known = self._packings.get(key)
        if known is None or (not known[1] and len(known[0]) < most):
            known = self._packings[key] = packings(uses, units, times, most)
        found, complete = known
        return (found, complete) if len(found) <= most else (found[:most], False)


def group_plans(
    goods: Goods,
    offer: Offer,
    units: Units,
    times: int | None,
    most: int,
    work: Work,
    known: Known,
) -> tuple[list[list[tuple[Use, int]]], bool]:
    """Every way to pack groups into `units`, at most `times` of them; complete, or cut at `most` ways."""
    uses, looked, complete = known.groups(goods, offer, units).look(min(max(200, most), work.now))
    work.spend(looked)
    if not uses:
        return [], complete
    if offer.count_by == "application" and offer.uses is not None:
        times = offer.uses if times is None else min(times, offer.uses)
    if complete:
        packed, all_packed = known.packings(offer, uses, units, times, most)
    else:
        packed, all_packed = packings(uses, units, times, most)
    plans: list[list[tuple[Use, int]]] = []
    for packing in packed:
        if not packing:
            continue
        plans += _within_limits(goods, offer, packing)
    return plans, complete and all_packed


def _within_limits(goods: Goods, offer: Offer, packing: Packing) -> list[list[tuple[Use, int]]]:
    """The packing itself where limits and budget bear it, or every way that a partial budget cuts it."""
    plans = [list(packing)]
    if offer.budget is not None and sum(use.amount * n for use, n in packing) > offer.budget:
        plans = _cut_to_budget(goods, offer, packing) if offer.partial else []
    if offer.count_by != "unit" or offer.uses is None:
        return plans
    # Of an application that is cut fewer units may be left a cent, so it is counted as it is cut.
    return [plan for plan in plans if sum(_giving(use) * n for use, n in plan) <= offer.uses]


def gives(goods: Goods, offer: Offer, unit: Unit) -> bool:
    """True when the unit by itself would lose at least one minor unit (before caps and joint rounding)."""
    if offer.simple:
        room = unit[1] - rule_floor(goods, offer, unit[0])
        return room > 0 and 2 * unit[1] * (offer.value or 0) >= PPM
    if rounds_the_sum(offer):
        return unit[1] > rule_floor(goods, offer, unit[0])
    return use_of(goods, offer, [(unit, 1, "each")], None) is not None


def _idle(offer: Offer, use: Use) -> bool:
    """True when a chosen unit is left nothing: then it is not to be chosen (2.3)."""
    each_by_itself = offer.kind != "amount_progressive" and offer.cap is None and not offer.partial
    if each_by_itself and not rounds_the_sum(offer):
        return False
    return any(not a for _, _, _, parts in use.members for a, _ in parts)


def too_little(goods: Goods, offer: Offer, units: Sequence[tuple[Unit, int]]) -> bool:
    """True for a percentage that rounds its sum when no choice of the units gives each of them anything.

    Of units that are worth less than half a minor unit each, any number is worth less, rounded, than there
    are units: one would be left nothing, and such a one may not be chosen.
    """
    if not rounds_the_sum(offer) or offer.mode == "up":
        return False
    most = max([base_of(goods, offer, Member(unit[0], unit[1], 1, "each")) for unit, _ in units])
    return 2 * (offer.value or 0) * most < PPM


def rounds_all_it_takes(offer: Offer) -> bool:
    """True for a percentage of single units that rounds the sum and that nothing bounds."""
    return (
        offer.kind == "percent_each"
        and rounds_the_sum(offer)
        and offer.members_max is None
        and offer.per_sku is None
        and offer.cap is None
        and offer.budget is None
        and offer.uses is None
    )


def surely_taken(goods: Goods, offer: Offer, units: Sequence[tuple[Unit, int]]) -> list[tuple[Unit, int]]:
    """Of the units of such a percentage those that the best choice takes, if nothing later looks at them.

    Without a unit that is worth a whole minor unit more than all those put together that are worth less than
    one, the sum is at least one smaller, whatever is taken instead.
    """
    rate = offer.value or 0
    worth = [
        (rate * base_of(goods, offer, Member(unit[0], unit[1], n, "each")), (unit, n)) for unit, n in units
    ]
    small = sum([each * entry[1] for each, entry in worth if each < PPM])
    large = [entry for each, entry in worth if each >= PPM]
    if not large or min([each for each, _ in worth if each >= PPM]) < small + PPM:
        return []
    use = _each_use(goods, offer, large)
    return [] if use is None or use.unplaced or _idle(offer, use) else large


def _giving(use: Use) -> int:
    return sum(n for _, _, _, parts in use.members for a, n in parts if a)


def _cut_to_budget(goods: Goods, offer: Offer, packing: Packing) -> list[list[tuple[Use, int]]]:
    """All applications but the last as they are, and of that what the budget has left.

    Of several with the same last members, over equal units that stand differently, any may be the one.
    """
    assert offer.budget is not None
    over = sum(use.amount * n for use, n in packing) - offer.budget
    keys = [member_key(use.members) for use, _ in packing]
    last = max(keys)
    plans: list[list[tuple[Use, int]]] = []
    for place, (use, times) in enumerate(packing):
        if keys[place] != last or use.amount <= over:  # an application that takes nothing is none
            continue
        chosen = [(unit, n, role) for unit, role, n, _ in use.members]
        if offer.kind.startswith("nth"):
            chosen = [(unit, n, "discounted") for unit, n in use.needs().items()]
        cut = use_of(goods, offer, chosen, use.amount - over)
        if cut is None:
            continue
        others = [*packing[:place], (use, times - 1), *packing[place + 1 :]]
        plans.append([*[entry for entry in others if entry[1]], (cut, 1)])
    return plans
