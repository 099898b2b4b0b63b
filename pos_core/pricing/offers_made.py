"""A promotion against a basket: its pool, its places, its floors; and price lists that may be taken or left.

docs/promotions.md, "Kinds" and "Prices".
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pos_core.pricing.compiled_rule import CompiledPromotion, CompiledSlot
from pos_core.pricing.goods import Goods
from pos_core.pricing.offer import PRICE, SHIPPING, Offer
from pos_core.pricing.rounding import divide
from pos_core.pricing.rule import FloorRule, Stacking
from pos_core.pricing.values import PPM

_SOURCE_STACK = Stacking(mode="stack", group="price")


def of_one_selection(
    compiled: CompiledPromotion, pool: tuple[int, ...], pool_set: frozenset[int], goods: Goods
) -> Offer:
    offer = Offer(compiled, pool, pool_set)
    if compiled.grouped:
        offer.slots = ((pool_set, offer.benefit.units, "discounted"),)
    if compiled.rule.floor is not None:
        offer.floors = _floors(compiled.rule.floor, pool, goods)
    return offer


def _floors(own: FloorRule, pool: Sequence[int], goods: Goods) -> dict[int, int]:
    floor = goods.floor
    return {
        c: max(floor[c], own.unit_min_minor, divide(goods.list[c] * own.list_share_ppm, PPM, "up"))
        for c in pool
    }


def offer_of(compiled: CompiledPromotion, classes: Sequence[int], goods: Goods) -> Offer:
    """`classes`: those that fit one of its places, in canonical order."""
    receives = goods.receives
    benefit: Any = compiled.rule.benefit
    pool: Sequence[int]
    pool_set: frozenset[int] | None = None
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
    elif kind == "buy_get":  # the buy side looks at units that count
        pool = classes
    elif compiled.slots:
        pool = [c for c in classes if receives[c]]
    else:
        # exclude_reduced is constant in the item phase unless an optional price is taken: asked there.
        pool, pool_set, _ = goods.pool(compiled.select, classes)
    offer = Offer(compiled, tuple(pool), pool_set)
    if compiled.slots or compiled.buy:
        slots = [(_fitting(slot, pool, goods), slot.units, "discounted") for slot in compiled.slots]
        slots += [(_fitting(slot, pool, goods), slot.units, "buy") for slot in compiled.buy]
        if compiled.get is not None:
            able = [c for c in pool if receives[c]]
            slots.append((_fitting(compiled.get, able, goods), compiled.get.units, "get"))
        offer.slots = tuple(slots)
    elif compiled.grouped:
        offer.slots = ((offer.pool_set, benefit.units, "discounted"),)
    if compiled.rule.floor is not None:
        offer.floors = _floors(compiled.rule.floor, pool, goods)
    return offer


def _fitting(slot: CompiledSlot, classes: Sequence[int], goods: Goods) -> frozenset[int]:
    """Those that may stand in a slot. What an optional price reduces leaves it when that price is taken."""
    fits, select = goods.fits, slot.select
    if select in goods.rules.index.sale_goods:
        return frozenset([c for c in classes if select in fits[c] and not goods.reduced[c]])
    return frozenset([c for c in classes if select in fits[c]])


def optional_prices(goods: Goods) -> list[Offer]:
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
        offer = offer_of(compiled, classes, goods)
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
