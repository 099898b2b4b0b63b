"""The promotions that a basket can use at all, with everything looked up that does not depend on the plan.

`offers_of` drops what is out of scope, exhausted, without its coupon or short of a constant condition and
says why; what remains is the search space. docs/promotions.md, "Scope", "Conditions", "Limits", "Coupons".
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pos_core.pricing.allowed import free_times, goods_missing, limits_left, points_left
from pos_core.pricing.basket import PricingInput
from pos_core.pricing.compiled import CompiledPromotion
from pos_core.pricing.goods import Goods
from pos_core.pricing.offer import ITEM, PRICE, SHIPPING, Offer, Refused
from pos_core.pricing.rounding import divide
from pos_core.pricing.rule import Stacking
from pos_core.pricing.scope import ScopeContext, in_scope
from pos_core.pricing.thresholds import constants_short, out_of_reach
from pos_core.pricing.values import PPM

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
    wanted, units, receives = goods.wanted, goods.units, goods.receives
    for number in (*wanted, *(n for n in rules.always if n not in wanted)):
        compiled = rules.promotions[number]
        if not in_scope(compiled.scope, context):
            found.refused[number] = Refused("out_of_scope")
            continue
        classes = wanted.get(number, ())
        if compiled.free and compiled.least:
            # Most promotions that a basket meets want more units than it has: nothing else is looked at.
            there = sum([units[c] for c in classes if receives[c]])
            if there < compiled.least:
                short = compiled.least - there
                found.refused[number] = Refused(
                    "missing", "units" if there else "goods", short if there else 1
                )
                continue
        offer = _offer(compiled, classes, goods)
        refused: Refused | None = None
        if compiled.free:
            offer.times = free_times(offer)
        else:
            own_points = points_left(offer, points, balance)
            refused = limits_left(offer, question, usage.get(offer.id), coupons, own_points)
        if refused is None:
            refused = goods_missing(offer, goods, question)
        if refused is None:
            refused = constants_short(offer, goods) if offer.phase == ITEM else out_of_reach(offer, goods)
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


def _offer(compiled: CompiledPromotion, classes: Sequence[int], goods: Goods) -> Offer:
    """`classes`: those that fit one of its places, in canonical order."""
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
        pool = list(classes) if kind == "buy_get" else [c for c in classes if receives[c]]
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
