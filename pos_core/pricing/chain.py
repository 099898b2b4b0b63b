"""Basket, coupon and shipping promotions when all they need to know is one total.

If every one of them works on the same goods, what they take is a function of what those goods cost after the
item promotions. That function falls only at thresholds, so between two of them the lowest total is the best
one. docs/promotions.md, "Plans" and "Ladders".
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

from pos_core.pricing.benefit_basket import BASKET_KINDS
from pos_core.pricing.chain_links import Link, Links, Measure, amount_of, draws_of, flat_of, other_tags
from pos_core.pricing.conflicts import Conflicts, bits_of
from pos_core.pricing.goods import Goods
from pos_core.pricing.offer import SHIPPING, Offer
from pos_core.pricing.take import shipping_amount
from pos_core.pricing.thresholds import tier_reached

SUBSETS_MAX = 512
WINDOW_MAX = 1 << 22
"""Totals more than so many minor units above the lowest are not looked at."""


class Chain:
    """What the later phases make of a total. `usable` is False when one total is not enough to know.

    Attributes:
        pool: classes that the total is taken over; floors: what of it can never be taken.
        offers: the promotions in the order of evaluation.
        subsets: the sets of promotions that may be used together, as masks over `offers`.
    """

    def __init__(
        self,
        goods: Goods,
        later: Sequence[Offer],
        moving: frozenset[int],
        conflicts: Conflicts,
        shipping: int,
        item_tags: int,
        counters: dict[str, int],
    ) -> None:
        self.goods = goods
        self.shipping = shipping
        self.usable = False
        self.offers: list[Offer] = []
        self.floors = 0
        self.pool: frozenset[int] = frozenset()
        self.subsets: list[int] = []
        self._held: dict[int, list[Link]] = {}
        self._flat: dict[int, tuple[int, int]] = {}
        self._links: dict[int, Link] = {}
        if not self._pools(later, moving):
            return
        tags = item_tags
        self._maker = maker = Links(goods, self.pool, moving)
        all_tags = tags | other_tags(later, None, conflicts)
        for number, offer in enumerate(later):
            bar = conflicts.bar[offer.rank]
            if bar & all_tags and bar & (tags | other_tags(later, offer, conflicts)):
                return
            flat = maker.flat(offer)
            if flat is None:
                link = maker.link(offer)
                if link is None:
                    return
                self._links[number] = link
                flat = flat_of(link)
            if flat is not None:
                self._flat[1 << number] = flat
            self.offers.append(offer)
        self.floors = goods.at_their_floors(self.pool)
        self.usable = self._subsets(conflicts, counters)

    def _pools(self, later: Sequence[Offer], moving: frozenset[int]) -> bool:
        """One pool for all basket kinds, and nothing outside it that item promotions could change."""
        goods = self.goods
        pools: set[frozenset[int]] = set()
        for offer in later:
            if not offer.optional or offer.floors:
                return False
            if offer.phase == SHIPPING:
                continue
            if offer.kind not in BASKET_KINDS:
                return False
            sale = goods.rules.index.sale_goods.get(offer.select)
            if sale == "exclude_promoted":
                return False
            pools.add(frozenset([c for c in offer.pool if not goods.reduced[c]]) if sale else offer.pool_set)
        if len(pools) > 1:
            return False
        self.pool = pools.pop() if pools else frozenset(moving)
        return moving <= self.pool

    def _subsets(self, conflicts: Conflicts, counters: dict[str, int]) -> bool:
        """Every set that may be used together, with its links; False when there are too many."""
        found: list[tuple[int, int, dict[str, int]]] = [(0, 0, counters)]
        met = 0
        links = self._links
        for number, offer in enumerate(self.offers):
            if number in links and links[number].fails:
                continue
            clash = conflicts.clash[offer.rank]
            draws = draws_of(offer) if offer.campaign is not None or offer.points_cost else None
            alone = not met & ~clash  # nothing before it can be used with it
            met |= 1 << offer.rank
            if alone and not draws:
                found.append((1 << number, 1 << offer.rank, counters))
                continue
            for mask, ranks, left in found[:]:
                if ranks & clash:
                    continue
                after = (
                    {**left, **{name: left.get(name, 0) - n for name, n in draws.items()}} if draws else left
                )
                if not draws or all(after[name] >= 0 for name in draws):
                    found.append((mask | 1 << number, ranks | 1 << offer.rank, after))
            if len(found) > SUBSETS_MAX:
                return False
        self.subsets = [mask for mask, _, _ in found]
        return True

    def link(self, number: int) -> Link:
        """The promotion with its constants; a plain amount is seldom asked for them."""
        known = self._links.get(number)
        if known is None:
            known = self._maker.link(self.offers[number])
            assert known is not None
            self._links[number] = known
        return known

    def held(self, mask: int) -> list[Link]:
        """The links of a set, in the order of evaluation."""
        known = self._held.get(mask)
        if known is None:
            known = self._held[mask] = [self.link(n) for n in bits_of(mask)]
        return known

    def evaluate(self, mask: int, total: int) -> tuple[int, tuple[Any, ...]] | None:
        """(payable of pool and shipping, what was decided) or None when the set cannot be used there."""
        flat = self._flat.get(mask)
        if flat is not None:
            least, amount = flat
            amount = min(amount, total - self.floors)
            return (total - amount + self.shipping, ()) if total >= least and amount > 0 else None
        running = began = total
        phase = 0
        shipping = self.shipping
        decided: list[int] = []
        for link in self.held(mask):
            offer = link.offer
            if offer.phase != phase:
                phase, began = offer.phase, running
            for (constant, moves), least in link.needs:
                if constant + (began if moves == "phase" else running if moves else 0) < least:
                    return None
            if phase == SHIPPING:
                amount = shipping_amount(offer, shipping)
                amount = self._within_budget(offer, amount)
                if amount <= 0:
                    return None
                shipping -= amount
                continue
            value, multiple = offer.value or 0, link.multiple
            if link.ladder is not None:
                constant, moves = link.ladder
                reached = constant + (began if moves == "phase" else running if moves else 0)
                tier = tier_reached(offer.ladder, reached)
                if tier is None:
                    return None
                value = offer.ladder.tiers[tier].value
                decided.append(tier)
            if link.every is not None:
                (constant, moves), step = link.every
                multiple = (constant + (began if moves == "phase" else running if moves else 0)) // step
                if offer.rule is not None and offer.rule.repeat:
                    multiple = min(multiple, offer.rule.repeat)
                decided.append(multiple)
            amount = value * multiple if link.fixed else amount_of(link, value, running)
            if amount > running - self.floors:
                amount = running - self.floors
            if offer.cap is not None or offer.budget is not None:
                amount = self._within_budget(offer, amount)
            if amount <= 0:
                return None
            running -= amount
        return running + shipping, tuple(decided)

    def _within_budget(self, offer: Offer, amount: int) -> int:
        if offer.cap is not None:
            amount = min(amount, offer.cap)
        if offer.budget is not None and amount > offer.budget:
            return offer.budget if offer.partial else 0
        return amount

    def best_at(self, total: int) -> tuple[int, int]:
        """(payable, mask) of the cheapest set at a total; fewer promotions win ties, then earlier ones."""
        best, best_mask = total + self.shipping, 0  # the empty set can always be used
        flats = self._flat
        room = total - self.floors
        for mask in self.subsets:
            if not mask:
                continue
            flat = flats.get(mask)
            if flat is not None:
                least, amount = flat
                if total < least or room <= 0:
                    continue
                payable = total - (amount if amount < room else room) + self.shipping
            else:
                found = self.evaluate(mask, total)
                if found is None:
                    continue
                payable = found[0]
            if payable < best or (payable == best and self._rather(mask, best_mask)):
                best, best_mask = payable, mask
        return best, best_mask

    def _rather(self, mask: int, other: int) -> bool:
        """Of two sets as good: the one of fewer promotions, then of earlier ones."""
        fewer = mask.bit_count() - other.bit_count()
        if fewer:
            return fewer < 0
        width = len(self.offers)
        return _reversed_bits(mask, width) < _reversed_bits(other, width)

    def gates(self, mask: int, low: int, high: int) -> Iterator[int]:
        """Totals in (low, high] at which the set of promotions may begin to give more, ascending."""
        flat = self._flat.get(mask)
        if flat is not None:
            return iter((flat[0],) if low < flat[0] <= high else ())
        found: set[int] = set()
        for number in bits_of(mask):
            for measure, at in self._thresholds(self.link(number), high):
                if measure.moves:
                    found.update(self._solve(mask, number, measure, at, low, high))
        return iter(sorted(found))

    def _thresholds(self, link: Link, high: int) -> Iterator[tuple[Measure, int]]:
        yield from link.needs
        if link.ladder is not None:
            for tier in link.offer.ladder.tiers:
                yield link.ladder, tier.min_amount_minor or 0
        if link.every is not None:
            measure, step = link.every
            most = (measure.constant + high) // step
            if link.offer.rule is not None and link.offer.rule.repeat:
                most = min(most, link.offer.rule.repeat)
            # More steps than this are not walked; `high` is near, so few are in reach.
            for times in range(max(1, most - 200), most + 1):
                yield measure, step * times

    def _solve(self, mask: int, number: int, measure: Measure, at: int, low: int, high: int) -> Iterator[int]:
        """Totals at which the measure first reaches `at`, piece by piece between the gates before it."""
        target = at - measure.constant
        phase = self.offers[number].phase
        last_phase = phase if measure.moves == "phase" else SHIPPING
        before = sum(1 << n for n in range(number) if mask >> n & 1 and self.offers[n].phase < last_phase)
        if not before:
            if low < target <= high:
                yield target
            return
        edges = [low, *self.gates(before, low, high), high + 1]
        for left, right in pairwise(edges):
            if self.evaluate(before, left) is None:
                continue
            first, last = left, right
            while first < last:
                middle = (first + last) // 2
                found = self.evaluate(before, middle)
                assert found is not None
                if found[0] - self.shipping >= target:
                    last = middle
                else:
                    first = middle + 1
            if low < first < right:
                yield first

    def open_above(self, lowest: int) -> list[int]:
        """The sets but those that begin to give at a total not above `lowest`, and never give more after."""
        flats = self._flat
        return [mask for mask in self.subsets if mask and (mask not in flats or flats[mask][0] > lowest)]

    def most(self, mask: int) -> int:
        """The most that the set can take."""
        return sum([self.offers[n].bound for n in bits_of(mask)])


def gates_below(chain: Chain, lowest: int, payable: int, before: int) -> list[tuple[int, int, int]]:
    """(payable right at the gate, gate, set) for every gate above `lowest` that could beat `payable`.

    `before`: the total if no item promotion were taken.
    """
    found: list[tuple[int, int, int]] = []
    for mask in chain.open_above(lowest):
        high = min(payable + chain.most(mask), before, lowest + WINDOW_MAX)
        if high <= lowest:
            continue
        for gate in chain.gates(mask, lowest, high):
            at_gate = chain.evaluate(mask, gate)
            if at_gate is not None and at_gate[0] < payable:
                found.append((at_gate[0], gate, mask))
    found.sort()
    return found


def _reversed_bits(mask: int, width: int) -> int:
    """So that, among sets of one size, the one with the earliest promotions is the smallest."""
    return -int(f"{mask:0{width}b}"[::-1], 2) if mask else 0
