"""The goods of one basket as the engine sees them: canonical classes with the price the price phase made.

docs/promotions.md, "Canonical units" and "Phases". Arrays by class number, because everything after this
asks for one figure of many classes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from operator import mul

from pos_core.pricing.basket import PricingInput
from pos_core.pricing.compiled import Rankings, RuleSet
from pos_core.pricing.compiled_rule import CompiledPromotion
from pos_core.pricing.rounding import divide, per_quantity, rate_of
from pos_core.pricing.scope import ScopeContext, in_scope
from pos_core.pricing.units import GoodsTaken, UnitClass, canonical_units
from pos_core.pricing.values import PPM


class Goods:
    """Classes in canonical order and, for each, its figures.

    Attributes:
        price: after the mandatory price phase; source: what made it; floor: min(floor, price).
        fits: selection numbers the class fits, price band included, sale goods left aside.
        rankings: the plain percentages that the class may take, by group (`RuleSet.of_item`).
        reduced: price below list; offered: price lists give some class a price.
        at: selection number → counting classes that fit it, of selections that promotions act on.
        wanted: promotion number → classes that fit one of its places; price promotions left out, and plain
            percentages and plain amounts off the basket as long as nobody asks for them.
        optional_prices: promotion numbers of optional price promotions → classes.
        measured: what `measure_at` knows already.
    """

    __slots__ = (
        "_all_receive", "_pools", "_worth", "at", "classes", "counts", "fits", "floor",
        "goods_points", "list", "measured", "offered",
        "optional_prices", "price", "quantity", "rankings", "receives", "reduced", "rules", "sku", "source",
        "units", "wanted",
    )  # fmt: skip

    def __init__(self, classes: tuple[UnitClass, ...], rules: RuleSet) -> None:
        self.classes = classes
        self.rules = rules
        # One pass over all fields; an empty basket has empty columns.
        columns = tuple(zip(*classes, strict=True)) if classes else ((),) * len(UnitClass._fields)
        lists, skus, _, _, _, quantities, _, floors, able, gifts, stored, offers, taken, units, _ = columns
        self.list: Sequence[int] = lists
        self.sku: Sequence[str] = skus
        self.quantity: Sequence[int] = quantities
        self.units: Sequence[int] = units
        self.price: list[int] = list(lists)
        self.source: list[str | None] = [None] * len(classes)
        self.floor: list[int] = list(floors)
        self.receives: Sequence[bool] = able
        self.counts: Sequence[bool] = (True,) * len(classes)
        if any(gifts) or any(stored) or any(taken):
            self.receives = [c.receives for c in classes]
            self.counts = [c.counts for c in classes]
        self._all_receive = all(self.receives)
        self.offered = any(offers)
        self.reduced = [False] * len(classes)
        self.goods_points = [0] * len(classes)
        self._worth: dict[frozenset[int], int] = {}
        self.measured: dict[tuple[int, str], int] = {}
        self._pools: dict[int, tuple[tuple[int, ...], frozenset[int], int]] = {}
        self.at: dict[int, list[int]] = {}
        self.fits: list[frozenset[int]] = []
        self.rankings: list[Rankings] = [()] * len(classes)
        self.wanted: dict[int, list[int]] = {}
        self.optional_prices: dict[int, list[int]] = {}

    def measure(self, select: int, basis: str) -> int:
        """What all counting units of a selection are worth by list price or by price."""
        return self.measure_at((select, basis))

    def measure_at(self, key: tuple[int, str]) -> int:
        """`measure` of a selection and a basis that somebody keeps together."""
        found = self.measured.get(key)
        if found is None:
            select, basis = key
            worth = self.list if basis == "list" else self.price
            classes, units = self.counting(select), self.units
            if select in self.rules.index.sale_goods:
                classes = [c for c in classes if not self.reduced[c]]
            if len(classes) == len(worth):
                found = sum(map(mul, worth, units))
            else:
                found = sum([worth[c] * units[c] for c in classes])
            self.measured[key] = found
        return found

    def counting(self, select: int) -> Sequence[int]:
        """Counting classes that fit a selection, in canonical order."""
        if select in self.rules.acting:
            return self.at.get(select, ())
        return [c for c, fits in enumerate(self.fits) if self.counts[c] and select in fits]

    def worth(self, classes: frozenset[int]) -> int:
        """What all units of some classes cost by price."""
        found = self._worth.get(classes)
        if found is None:
            if len(classes) == len(self.price):
                found = self.everything()
            else:
                found = sum([self.price[c] * self.units[c] for c in classes])
            self._worth[classes] = found
        return found

    def at_their_floors(self, classes: frozenset[int]) -> int:
        """What all units of some classes cost at least."""
        if len(classes) == len(self.price):
            return sum(map(mul, self.floor, self.units))
        return sum([self.floor[c] * self.units[c] for c in classes])

    def everything(self) -> int:
        """What all units cost by price."""
        return sum(map(mul, self.price, self.units))

    def priced(self) -> None:
        """Prices have changed: what was measured before does not hold any more."""
        self.measured.clear()
        self._worth.clear()

    def pool(self, select: int, classes: Sequence[int]) -> tuple[tuple[int, ...], frozenset[int], int]:
        """Of `classes`, those that fit a selection: the ones that may be discounted, and their units.

        Promotions that share a selection share the answer, so a thousand of them cost as much as one.
        """
        found = self._pools.get(select)
        if found is None:
            key = tuple(classes)
            receives, units = self.receives, self.units
            if len(key) == 1 and receives[key[0]]:
                found = (key, frozenset(key), units[key[0]])
            elif self._all_receive:
                found = (key, frozenset(key), sum([units[c] for c in key]))
            else:
                pool = tuple([c for c in key if receives[c]])
                found = (pool, frozenset(pool), sum([units[c] for c in pool]))
            self._pools[select] = found
        return found

    def discounted(self, select: int) -> tuple[tuple[int, ...], frozenset[int]]:
        """Of the classes that fit a selection those that may be discounted: `pool`, units not counted."""
        if self._all_receive:
            pool = tuple(self.at[select])
            return pool, frozenset(pool)
        pool, pool_set, _ = self.pool(select, self.at[select])
        return pool, pool_set

    def measured_units(self, select: int) -> dict[str, int]:
        """Units of each SKU among the counting units of a selection."""
        sale = self.rules.index.sale_goods.get(select)
        found: dict[str, int] = {}
        for c in self.counting(select):
            if not (sale and self.reduced[c]):
                found[self.sku[c]] = found.get(self.sku[c], 0) + self.units[c]
        return found


def goods_of(
    question: PricingInput, rules: RuleSet, context: ScopeContext, taken: GoodsTaken | None = None
) -> Goods:
    """Canonical classes, matched against the release and priced by the price phase."""
    goods = Goods(canonical_units(question.lines, taken), rules)
    of_item = rules.of_item
    counts, receives, at = goods.counts, goods.receives, goods.at
    priced: dict[int, list[int]] = {}
    for number, unit in enumerate(goods.classes):
        fits, acting, pricing, rankings = of_item(unit[1:5], unit[0])
        goods.fits.append(fits)
        if not counts[number]:
            continue
        goods.rankings[number] = rankings
        for selection in acting:
            held = at.get(selection)
            if held is None:
                at[selection] = [number]
            else:
                held.append(number)
        if pricing and receives[number]:
            for promotion in pricing:
                priced.setdefault(promotion, []).append(number)
    want(goods, rules.others)
    _price(goods, priced, context)
    return goods


def want(goods: Goods, filed: Mapping[int, Sequence[int]]) -> None:
    """The promotions of every selection that goods fit; those of one selection share its classes."""
    at, wanted = goods.at, goods.wanted
    for selection in sorted(at.keys() & filed.keys()):
        classes = at[selection]
        for promotion in filed[selection]:
            held = wanted.get(promotion)
            if held is None:
                wanted[promotion] = classes
            else:
                wanted[promotion] = sorted({*held, *classes})


def _price(goods: Goods, priced: dict[int, list[int]], context: ScopeContext) -> None:
    """The lowest of list, price lists and mandatory price promotions; ties: list, then lists by source."""
    lists, floors = goods.list, goods.floor
    if not priced and not goods.offered:
        goods.floor = [floor if floor < price else price for floor, price in zip(floors, lists, strict=True)]
        return
    best: list[tuple[int, int, str]] = []
    for unit in goods.classes:
        found = (unit.list_minor, 0, "")
        for price, source, optional in unit.offers:
            if not optional and (price, 1, source) < found:
                found = (price, 1, source)
        best.append(found)
    for number, classes in priced.items():
        promotion = goods.rules.promotions[number]
        if not in_scope(promotion.scope, context) or not price_condition(goods, promotion):
            continue
        if promotion.stack.optional:
            goods.optional_prices[number] = sorted(classes)
            continue
        for c in classes:
            price = goods.list[c] - price_gain(goods, promotion, c)
            best[c] = min(best[c], (price, 2, promotion.rule.id))
    for c, (price, rank, source) in enumerate(best):
        goods.price[c] = price
        goods.source[c] = source if rank else None
        goods.floor[c] = min(goods.floor[c], price)
        goods.reduced[c] = price < goods.list[c]
    goods.priced()


def price_condition(goods: Goods, promotion: CompiledPromotion) -> bool:
    """Conditions of the price phase measure list prices."""
    for condition in promotion.conditions:
        if (
            condition.min_amount_minor
            and goods.measure(condition.select, "list") < condition.min_amount_minor
        ):
            return False
        if condition.min_units or condition.min_units_of_one_sku or condition.min_distinct_skus:
            units = goods.measured_units(condition.select)
            if (
                sum(units.values()) < condition.min_units
                or max(units.values(), default=0) < condition.min_units_of_one_sku
                or len(units) < condition.min_distinct_skus
            ):
                return False
    return True


def price_gain(goods: Goods, promotion: CompiledPromotion, c: int) -> int:
    """What a mandatory price promotion takes off the list price of one unit, floors kept."""
    rule = promotion.rule
    benefit = rule.benefit
    price = goods.list[c]
    floor = goods.floor[c]
    if rule.floor is not None:
        floor = max(floor, rule.floor.unit_min_minor, divide(price * rule.floor.list_share_ppm, PPM, "up"))
    capacity = max(0, price - floor)
    if benefit.kind == "percent_each":
        return min(rate_of(price, benefit.rate_ppm or 0, rule.rounding.mode), capacity)
    if benefit.kind == "amount_each":
        return min(each(benefit.amount_minor or 0, goods.quantity[c]), capacity)
    assert benefit.kind == "price_each"
    return min(max(0, price - each(benefit.price_minor or 0, goods.quantity[c])), capacity)


def each(amount_minor: int, quantity_milli: int) -> int:
    """An amount stated "each" for one unit: per 1.000 of a weighed one."""
    return amount_minor if quantity_milli == 1000 else per_quantity(amount_minor, quantity_milli)
