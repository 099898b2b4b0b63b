"""The promotions of the reference release: seeded, over the brands, departments and items of the reference

replica. 45 % tier prices of named items, 15 % 第二件半价, 10 % 买一赠一, 15 % N 件 M 折, 10 % any N for X,
5 % fixed combinations, and 满减 on the whole basket.
"""

from __future__ import annotations

from random import Random
from typing import Any

from benchmarks import reference_replica as reference
from benchmarks.pricing_data import ladder

PROMOTIONS = 500
_ITEM_PHASE = {"phase": "item", "stack": "one_promotion_per_item"}


def promotions(count: int = PROMOTIONS, *, items: int = reference.ITEMS, seed: int = 1) -> dict[str, Any]:
    """A release's promotions file."""
    dice = Random(seed)
    made = [
        {"id": f"p{n:05d}", "name": f"活动{n}", **_ITEM_PHASE, **_rule(dice, items)} for n in range(count)
    ]
    return {"format": 1, "promotions": [*made, ladder()]}


def _rule(dice: Random, items: int) -> dict[str, Any]:
    kind = dice.random()
    if kind < 0.45:
        rate = dice.choice([50_000, 100_000, 150_000, 200_000])
        return {"select": _items(dice, items, 40), "benefit": {"kind": "percent_each", "rate_ppm": rate}}
    if kind < 0.60:
        return {"select": _set(dice, items), "benefit": _nth(2, 500_000)}
    if kind < 0.70:
        return {"select": _set(dice, items), "benefit": _nth(2, 1_000_000)}
    if kind < 0.85:
        units, rate = dice.choice([(2, 100_000), (3, 200_000), (4, 250_000)])
        benefit = {"kind": "group_percent", "units": units, "rate_ppm": rate}
        return {"select": _set(dice, items), "benefit": benefit}
    if kind < 0.95:
        units = dice.choice([2, 3, 4])
        benefit = {"kind": "group_price", "units": units, "price_minor": units * dice.choice([990, 1990])}
        return {"select": _set(dice, items), "benefit": benefit}
    chosen = dice.sample(range(items), 2)
    slots = [{"select": {"any_of": [{"skus": [_sku(n)]}]}} for n in chosen]
    price_minor = sum(100 + n % 9900 for n in chosen) * 80 // 100
    return {"benefit": {"kind": "bundle_price", "slots": slots, "price_minor": price_minor}}


def _set(dice: Random, items: int) -> dict[str, Any]:
    """Half departments, three in ten brands, the rest lists of items."""
    kind = dice.random()
    if kind < 0.5:
        return {"any_of": [{"departments": [f"D{dice.randrange(40):02d}"]}]}
    if kind < 0.8:
        return {"any_of": [{"brands": [dice.choice(reference.BRANDS)]}]}
    return _items(dice, items, 20)


def _items(dice: Random, items: int, count: int) -> dict[str, Any]:
    return {"any_of": [{"skus": [_sku(n) for n in sorted(dice.sample(range(items), count))]}]}


def _sku(number: int) -> str:
    return f"SKU{number:07d}"


def _nth(units: int, rate_ppm: int) -> dict[str, Any]:
    return {"kind": "nth_percent", "units": units, "rate_ppm": rate_ppm}
