"""The promotions that a basket can use at all, with everything looked up that does not depend on the plan.

`offers_of` drops what is out of scope, exhausted, without its coupon or short of a constant condition and
says why; what remains is the search space. docs/promotions.md, "Scope", "Conditions", "Limits", "Coupons".
"""

from __future__ import annotations

from typing import Any, NamedTuple

from pos_core.pricing.basket import PricingInput
from pos_core.pricing.benefit_each import EACH_KINDS
from pos_core.pricing.compiled import CompiledCondition, CompiledPromotion
from pos_core.pricing.goods import Goods
from pos_core.pricing.rounding import divide
from pos_core.pricing.rule import Promotion, Stacking
from pos_core.pricing.scope import ScopeContext, in_scope
from pos_core.pricing.units import UnitClass
from pos_core.pricing.values import PPM

PRICE, ITEM, BASKET, COUPON, SHIPPING = range(5)


class Refused(NamedTuple):
    """Why a promotion is no part of the search.

    Attributes:
        why: out_of_scope, exhausted, missing, coupon (a reason of CouponReason when a coupon is at fault).
        what: missing: what; exhausted: which limit.
        short: how much is missing.
    """

    why: str
    what: str = ""
    short: int = 0


class Offer:
    """One promotion against one basket.

    Attributes:
        rank: place among the basket's offers in the order of evaluation.
        pool: classes that it may discount, in canonical order (slotted kinds: all slots together).
        whole: its members are no choice (2.3).
        value: rate, amount or price with a constant ladder looked up; None: the ladder depends on the plan.
        values: optional price lists only: price by class.
        members_max: `max_units` × multiple; None: no bound or not constant.
        slots: per slot (classes, units, role) for slotted and group kinds.
        uses: what limits leave, in the unit of `count_by`; times: how many applications coupons, points
            and `repeat` leave; budget: what the budget leaves.
    """

    __slots__ = (
        "benefit", "bound", "budget", "campaign", "cap", "compiled", "conditions", "count_by", "floors", "id",
        "kind", "ladder", "members_max", "mode", "multiple", "optional", "order", "partial", "per_sku",
        "phase", "points_cost", "pool", "pool_set", "rank", "revision", "rule", "select", "shares",
        "slots", "spread_all", "stack",
        "tier", "times", "uses", "value", "values", "whole",
    )  # fmt: skip

    rank: int
    value: int | None
    values: dict[int, int] | None

    def __init__(self, compiled: CompiledPromotion | None, pool: tuple[int, ...]) -> None:
        self.compiled = compiled
        self.pool = pool
        self.pool_set = frozenset(pool)
        self.rank = 0
        self.tier: int | None = None
        self.multiple = 1
        self.values = None
        self.value = None
        self.members_max: int | None = None
        self.per_sku: int | None = None
        self.uses: int | None = None
        self.times: int | None = None
        self.budget: int | None = None
        self.partial = False
        self.cap: int | None = None
        self.slots: tuple[tuple[frozenset[int], int, str], ...] = ()
        self.conditions: tuple[CompiledCondition, ...] = ()
        self.ladder: Any = None
        self.campaign: str | None = None
        self.points_cost = 0
        self.count_by = "application"
        self.floors: dict[int, int] = {}
        self.bound = 0
        self.shares: dict[int, int] = {}
        self.spread_all = False
        self.whole = False
        if compiled is None:
            return
        rule = compiled.rule
        self.rule: Promotion | None = rule
        self.benefit: Any = rule.benefit
        self.kind: str = compiled.kind
        self.id = rule.id
        self.revision = rule.revision
        self.phase = compiled.phase_rank
        self.order = compiled.order
        self.stack = compiled.stack
        self.mode = rule.rounding.mode
        self.optional = compiled.stack.optional
        self.select = compiled.select
        self.cap = rule.cap_minor
        self.partial = rule.limits.partial
        self.count_by = rule.limits.count_by
        self.spread_all = (
            compiled.kind in ("nth_percent", "nth_price", "buy_get") and rule.refund.spread == "all_units"
        )
        self.points_cost = rule.points_cost
        self.whole = (
            self.phase >= BASKET
            or compiled.kind == "gift"
            or (self.phase == ITEM and compiled.kind in EACH_KINDS and not self.optional)
        )


_SOURCE_STACK = Stacking(mode="stack", group="price")


class Offers:
    """The search space of one basket.

    Attributes:
        offers: in the order of evaluation; `rank` is the place here.
        refused: promotion number → why it is not among them.
        coupons: campaign → applications that presented coupons can serve (consume: application).
    """

    __slots__ = ("coupons", "offers", "refused")

    def __init__(self) -> None:
        self.offers: list[Offer] = []
        self.refused: dict[int, Refused] = {}
        self.coupons: dict[str, int] = {}


def offers_of(
    question: PricingInput,
    goods: Goods,
    context: ScopeContext,
    coupons: dict[str, int],
    points: dict[str, int],
    balance: int,
) -> Offers:
    """Every promotion that could still be used, ranked. `coupons`: uses by campaign; `points`: asked for."""
    found = Offers()
    found.coupons = coupons
    rules = goods.rules
    usage = {counter.promotion_id: counter for counter in question.usage}
    wanted = goods.wanted
    for number in (*wanted, *(n for n in rules.always if n not in wanted)):
        compiled = rules.promotions[number]
        if not in_scope(compiled.scope, context):
            found.refused[number] = Refused("out_of_scope")
            continue
        offer = _offer(compiled, wanted.get(number, ()), goods)
        refused = _limits(offer, question, usage.get(offer.id), coupons, _points_left(offer, points, balance))
        if refused is None:
            refused = _goods_missing(offer, goods, question)
        if refused is None:
            refused = _constants(offer, goods) if offer.phase == ITEM else _out_of_reach(offer, goods)
        if refused is not None:
            found.refused[number] = refused
            continue
        found.offers.append(offer)
    found.offers += _optional_prices(goods, question)
    found.offers.sort(key=_order)
    for rank, offer in enumerate(found.offers):
        offer.rank = rank
    return found


def _order(offer: Offer) -> tuple[int, int, int, str]:
    return offer.order


def _offer(compiled: CompiledPromotion, classes: Any, goods: Goods) -> Offer:
    receives = goods.receives
    benefit: Any = compiled.rule.benefit
    pool: list[int]
    kind = compiled.kind
    if kind == "gift":
        pool = [
            c
            for c, unit in enumerate(goods.classes)
            if unit.gift
            and not unit.goods
            and compiled.gifts in goods.rules.index.fitting(unit.sku, unit.brand, unit.departments, unit.tags)
            and goods.rules.index.in_band(compiled.gifts, unit.list_minor)
        ]
    elif compiled.phase_rank == SHIPPING:
        pool = []
    else:
        # exclude_reduced is constant in the item phase unless an optional price is taken: asked there.
        # The buy side of a buy-get looks at units that count.
        pool = [c for c in sorted(classes) if receives[c] or kind == "buy_get"]
    offer = Offer(compiled, tuple(pool))
    if compiled.slots or compiled.buy:
        fits = goods.fits
        slots = [
            (frozenset(c for c in pool if slot.select in fits[c]), slot.units, "discounted")
            for slot in compiled.slots
        ]
        slots += [
            (frozenset(c for c in pool if slot.select in fits[c]), slot.units, "buy") for slot in compiled.buy
        ]
        if compiled.get is not None:
            get = compiled.get
            slots.append(
                (frozenset(c for c in pool if receives[c] and get.select in fits[c]), get.units, "get")
            )
        offer.slots = tuple(slots)
    elif kind.startswith(("group", "nth")):
        offer.slots = ((offer.pool_set, benefit.units, "discounted"),)
    rule = compiled.rule
    floor = goods.floor
    if rule.floor is not None:
        minimum, share = rule.floor.unit_min_minor, rule.floor.list_share_ppm
        offer.floors = {c: max(floor[c], minimum, divide(goods.list[c] * share, PPM, "up")) for c in pool}
    offer.conditions = compiled.conditions
    offer.ladder = compiled.ladder
    for name in ("rate_ppm", "amount_minor", "price_minor"):
        value = getattr(benefit, name, None)
        if value is not None:
            offer.value = value
    offer.per_sku = getattr(benefit, "max_units_of_one_sku", None)
    offer.members_max = getattr(benefit, "max_units", None)
    return offer


def _limits(
    offer: Offer, question: PricingInput, used: Any, coupons: dict[str, int], points: int
) -> Refused | None:
    rule = offer.rule
    assert rule is not None
    limits = rule.limits
    member = question.member is not None
    if not member and (limits.per_member is not None or limits.per_member_day is not None):
        return Refused("missing", "member", 1)
    left: list[tuple[int, str]] = []
    for name, before in (
        ("per_basket", 0),
        ("per_member", used.member if used else 0),
        ("per_member_day", used.member_day if used else 0),
        ("per_day", used.day if used else 0),
        ("in_all", used.in_all if used else 0),
    ):
        bound = getattr(limits, name)
        if bound is not None:
            left.append((bound - before, name))
    if left:
        uses, name = min(left)
        if uses <= 0:
            return Refused("exhausted", name)
        offer.uses = uses
    if limits.budget_minor is not None:
        offer.budget = limits.budget_minor - (used.spent_minor if used else 0)
        if offer.budget <= 0:
            return Refused("exhausted", "budget")
    if rule.repeat and not offer.whole and offer.kind not in EACH_KINDS:
        offer.times = rule.repeat
    if rule.coupon is not None:
        uses = coupons.get(rule.coupon.campaign, 0)
        if not uses:
            return Refused("coupon", "coupon", 1)
        offer.campaign = rule.coupon.campaign
        if rule.coupon.consume == "application":
            offer.times = uses if offer.times is None else min(uses, offer.times)
    if rule.points_cost:
        may = points // rule.points_cost
        if not may:
            return Refused("missing", "points", rule.points_cost - points)
        offer.times = may if offer.times is None else min(may, offer.times)
    return None


def _points_left(offer: Offer, asked: dict[str, int], balance: int) -> int:
    """Points that the promotion may use: what is asked for, and what the member has before this basket."""
    points = asked.get(offer.id, 0)
    from_basket = offer.rule is not None and offer.rule.points_cost_from_basket
    return points if from_basket else min(points, balance)


def _goods_missing(offer: Offer, goods: Goods, question: PricingInput) -> Refused | None:
    """Too few units to fill a group even once; nothing to discount."""
    if offer.phase == SHIPPING:
        return None if question.shipping_minor else Refused("missing", "goods", 1)
    if offer.kind == "gift":
        return None
    if not offer.pool:
        return Refused("missing", "goods", 1)
    units = goods.units
    for classes, count, role in offer.slots:
        least = 1 if role == "get" and offer.benefit.partial else count
        there = sum(units[c] for c in classes)
        if there < least:
            return Refused("missing", "units", least - there)
    return None


def _constants(offer: Offer, goods: Goods) -> Refused | None:
    """Item phase: conditions, ladders and thresholds measure list or price and are known now."""
    compiled = offer.compiled
    assert compiled is not None
    multiple = 1
    for condition in offer.conditions:
        short = condition_short(
            condition,
            goods.measured_units(condition.select) if _asks_units(condition) else {},
            goods.measure(condition.select, condition.basis) if condition.min_amount_minor else 0,
        )
        if short is not None:
            return short
    benefit = offer.benefit
    repeat = compiled.rule.repeat
    if getattr(benefit, "per_threshold", False):
        (condition,) = offer.conditions
        if condition.min_units:
            multiple = sum(goods.measured_units(condition.select).values()) // condition.min_units
        else:
            multiple = goods.measure(condition.select, condition.basis) // condition.min_amount_minor
        multiple = min(multiple, repeat) if repeat else multiple
        offer.multiple = multiple
        assert offer.members_max is not None
        offer.members_max *= multiple
    if offer.ladder is not None:
        ladder = offer.ladder
        if ladder.tiers[0].min_units is not None:
            measure = sum(goods.measured_units(compiled.ladder_select).values())
        else:
            measure = goods.measure(compiled.ladder_select, ladder.basis)
        tier = tier_reached(ladder, measure)
        if tier is None:
            first = ladder.tiers[0]
            what = "units" if first.min_units is not None else "amount"
            return Refused("missing", what, (first.min_units or first.min_amount_minor or 0) - measure)
        offer.tier = tier
        offer.value = ladder.tiers[tier].value
    return None


def _out_of_reach(offer: Offer, goods: Goods) -> Refused | None:
    """Later phases: nets never exceed prices, so a threshold that prices do not reach is out of reach."""
    compiled = offer.compiled
    assert compiled is not None
    for condition in offer.conditions:
        basis = "list" if condition.basis == "list" else "price"
        short = condition_short(
            condition,
            goods.measured_units(condition.select) if _asks_units(condition) else {},
            goods.measure(condition.select, basis) if condition.min_amount_minor else 0,
        )
        if short is not None:
            return short
    if offer.ladder is None:
        return None
    measure = ladder_measure_at_price(offer, goods)
    if tier_reached(offer.ladder, measure) is not None:
        return None
    first = offer.ladder.tiers[0]
    what = "units" if first.min_units is not None else "amount"
    return Refused("missing", what, (first.min_units or first.min_amount_minor or 0) - measure)


def ladder_measure_at_price(offer: Offer, goods: Goods) -> int:
    """The most that the measure of a ladder can be: units, or their list prices or prices."""
    assert offer.compiled is not None
    select = offer.compiled.ladder_select
    if offer.ladder.tiers[0].min_units is not None:
        return sum(goods.measured_units(select).values())
    return goods.measure(select, "list" if offer.ladder.basis == "list" else "price")


def _asks_units(condition: CompiledCondition) -> bool:
    return bool(condition.min_units or condition.min_units_of_one_sku or condition.min_distinct_skus)


def condition_short(condition: CompiledCondition, units: dict[str, int], amount_minor: int) -> Refused | None:
    """What a condition lacks, or None when it holds. `units`: of each SKU."""
    if condition.min_units:
        there = sum(units.values())
        if there < condition.min_units:
            return Refused("missing", "units", condition.min_units - there)
    if condition.min_units_of_one_sku:
        there = max(units.values(), default=0)
        if there < condition.min_units_of_one_sku:
            return Refused("missing", "units_of_one_sku", condition.min_units_of_one_sku - there)
    if condition.min_distinct_skus and len(units) < condition.min_distinct_skus:
        return Refused("missing", "distinct_skus", condition.min_distinct_skus - len(units))
    if condition.min_amount_minor and amount_minor < condition.min_amount_minor:
        return Refused("missing", "amount", condition.min_amount_minor - amount_minor)
    return None


def tier_reached(ladder: Any, measure: int) -> int | None:
    """The highest step that `measure` (units or minor units) reaches."""
    reached = None
    for number, tier in enumerate(ladder.tiers):
        if measure < (tier.min_units if tier.min_units is not None else tier.min_amount_minor):
            break
        reached = number
    return reached


def _optional_prices(goods: Goods, question: PricingInput) -> list[Offer]:
    """Offers and price promotions that the search may take or leave: as each-kinds in phase price."""
    offers: list[Offer] = []
    by_source: dict[str, dict[int, int]] = {}
    for c, unit in enumerate(goods.classes):
        if not goods.receives[c]:
            continue
        for price, source, optional in unit.offers:
            if optional and price < goods.price[c]:
                held = by_source.setdefault(source, {})
                held[c] = min(price, held.get(c, price))
    for source, prices in sorted(by_source.items()):
        offers.append(_price_offer(source, prices))
    for number, classes in sorted(goods.optional_prices.items()):
        compiled = goods.rules.promotions[number]
        offer = _offer(compiled, classes, goods)
        offers.append(offer)
    return offers


def _price_offer(source: str, prices: dict[int, int]) -> Offer:
    offer = Offer(None, tuple(sorted(prices)))
    offer.rule = None
    offer.benefit = None
    offer.kind = "price_each"
    offer.id = source
    offer.revision = 1
    offer.phase = PRICE
    offer.order = (PRICE, 0, 0, source)
    offer.stack = _SOURCE_STACK
    offer.mode = "half_up"
    offer.optional = True
    offer.select = 0
    offer.values = prices
    # A price list may go below the floor: the floor sinks with it (2.2).
    offer.floors = dict(prices)
    return offer


def unit_class(goods: Goods, c: int) -> UnitClass:
    """The canonical class behind a number."""
    return goods.classes[c]
