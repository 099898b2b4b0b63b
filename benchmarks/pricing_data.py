"""A realistic chain for the pricing benchmark: seeded, so that two machines measure the same baskets.

3000 SKUs in 80 departments and 200 brands; promotions: 45 % flash and tier prices (percent off named items,
one per unit), 15 % 第二件半价, 10 % 买一赠一 and 买二赠一, 15 % N 件 M 折, 8 % any N for X, 7 % fixed
combinations. Half of the sets are departments, three in ten brands, the rest lists of 20 items.
"""

from __future__ import annotations

from random import Random
from typing import Any

SKUS = 3000
DEPARTMENTS = 80
BRANDS = 200
LADDER = [(20000, 3000), (40000, 8000), (60000, 15000), (100000, 28000)]
INSTANT = 1_749_880_800_000


class Chain:
    """The catalogue: for each SKU its department, brand and price."""

    def __init__(self, seed: int = 618) -> None:
        random = Random(seed)
        self.departments = [random.randrange(DEPARTMENTS) for _ in range(SKUS)]
        self.brands = [random.randrange(BRANDS) for _ in range(SKUS)]
        # 3.00 to 60.00, many cheap and few dear; endings of .90, .50, .99 and anything.
        self.prices = [_price(random) for _ in range(SKUS)]

    def promotions(self, count: int, seed: int = 1, *, coupons: int = 1) -> dict[str, Any]:
        """A release of `count` item promotions, the ladder and order coupons beside them."""
        random = Random(seed)
        made = [self._promotion(random, n) for n in range(count)]
        made.append(ladder())
        for n in range(coupons):
            made.append(coupon(f"coupon-{n + 1}", f"C{n + 1}", 10000 * (n + 1), 1000 + 500 * n))
        return {"promotions": made}

    def hard_promotions(self, count: int, seed: int = 2) -> dict[str, Any]:
        """As above, one in five made buy-A-get-B across two sets, one in five limited per basket."""
        release = self.promotions(count, seed)
        random = Random(seed)
        for promotion in release["promotions"][:count]:
            turn = random.random()
            if turn < 0.2:
                promotion.pop("select", None)
                promotion["benefit"] = self._buy_get(random)
            elif turn < 0.4:
                unit = promotion["benefit"]["kind"] == "percent_each"
                promotion["limits"] = {"per_basket": 2, "count_by": "unit" if unit else "application"}
        return release

    def _buy_get(self, random: Random) -> dict[str, Any]:
        return {
            "kind": "buy_get",
            "buy": [{"select": self._set(random), "units": random.choice([1, 2])}],
            "get": {"select": self._set(random)},
            "reward": {"kind": "percent", "rate_ppm": random.choice([500000, 1000000])},
        }

    def _set(self, random: Random) -> dict[str, Any]:
        kind = random.random()
        if kind < 0.5:
            return {"any_of": [{"departments": [f"d{random.randrange(DEPARTMENTS)}"]}]}
        if kind < 0.8:
            return {"any_of": [{"brands": [f"b{random.randrange(BRANDS)}"]}]}
        return {"any_of": [{"skus": [f"s{n}" for n in sorted(random.sample(range(SKUS), 20))]}]}

    def _promotion(self, random: Random, number: int) -> dict[str, Any]:
        kind = random.random()
        head = {
            "id": f"p{number:05d}",
            "name": f"p{number}",
            "phase": "item",
            "stack": "one_promotion_per_item",
        }
        if kind < 0.45:
            skus = [f"s{n}" for n in sorted(random.sample(range(SKUS), 10))]
            benefit = {
                "kind": "percent_each",
                "rate_ppm": random.choice([50000, 100000, 150000, 200000, 300000]),
            }
            return {**head, "select": {"any_of": [{"skus": skus}]}, "benefit": benefit}
        if kind < 0.60:
            return {**head, "select": self._set(random), "benefit": _nth(2, 500000)}
        if kind < 0.70:
            return {**head, "select": self._set(random), "benefit": _nth(random.choice([2, 3]), 1000000)}
        if kind < 0.85:
            units, rate = random.choice([(2, 100000), (2, 150000), (3, 200000), (3, 300000), (4, 250000)])
            return {
                **head,
                "select": self._set(random),
                "benefit": {"kind": "group_percent", "units": units, "rate_ppm": rate},
            }
        if kind < 0.93:
            units = random.choice([2, 3, 4])
            price = units * random.choice([990, 1290, 1490, 1990])
            benefit = {"kind": "group_price", "units": units, "price_minor": price}
            return {**head, "select": self._set(random), "benefit": benefit}
        chosen = random.sample(range(SKUS), random.choice([2, 3]))
        price = sum(self.prices[n] for n in chosen) * random.choice([70, 80, 85]) // 100
        slots = [{"select": {"any_of": [{"skus": [f"s{n}"]}]}} for n in chosen]
        return {**head, "benefit": {"kind": "bundle_price", "slots": slots, "price_minor": price}}

    def line(self, number: int, sku: int, units: int) -> dict[str, Any]:
        """A line of one SKU."""
        return {
            "line_id": str(number),
            "sku": f"s{sku}",
            "brand": f"b{self.brands[sku]}",
            "departments": [f"d{self.departments[sku]}"],
            "list_price_minor": self.prices[sku],
            "quantity_milli": units * 1000,
        }

    def basket(self, units: int, random: Random, *, floors: bool = False) -> dict[str, Any]:
        """A basket of `units` units: one to three of an item, three in ten lines from a department before."""
        lines: list[dict[str, Any]] = []
        left = units
        last: list[int] = []
        while left:
            if last and random.random() < 0.3:
                department = self.departments[random.choice(last)]
                sku = random.choice([n for n in range(SKUS) if self.departments[n] == department])
            else:
                sku = random.randrange(SKUS)
            last.append(sku)
            count = min(left, random.choice([1, 1, 1, 2, 3]))
            left -= count
            made = self.line(len(lines) + 1, sku, count)
            if floors:
                made["floor_minor"] = self.prices[sku] * 60 // 100
            lines.append(made)
        return {
            "channel": "pos",
            "store": "S001",
            "instant_ms": INSTANT,
            "utc_offset_minutes": 480,
            "lines": lines,
            "coupons": [{"coupon_id": str(n), "campaign": f"C{n}"} for n in (1, 2, 3)],
        }


def _price(random: Random) -> int:
    base = int(300 * 20 ** random.random())
    ending = random.choice([90, 50, 99, None])
    return base if ending is None else base // 100 * 100 + ending


def _nth(units: int, rate: int) -> dict[str, Any]:
    return {"kind": "nth_percent", "units": units, "rate_ppm": rate}


def ladder() -> dict[str, Any]:
    """满200减30, 满400减80, 满600减150, 满1000减280."""
    tiers = [{"min_amount_minor": at, "value": value} for at, value in LADDER]
    return {
        "id": "ladder",
        "name": "ladder",
        "phase": "basket",
        "stack": "one_promotion_per_item",
        "benefit": {"kind": "basket_amount", "ladder": {"tiers": tiers}},
    }


def coupon(promotion_id: str, campaign: str, least: int, amount: int) -> dict[str, Any]:
    """An order coupon on top of everything."""
    return {
        "id": promotion_id,
        "name": promotion_id,
        "phase": "coupon",
        "stack": "coupons_on_top",
        "coupon": {"campaign": campaign},
        "conditions": [{"min_amount_minor": least}],
        "benefit": {"kind": "basket_amount", "amount_minor": amount},
    }


def simple_promotions(count: int, seed: int = 3) -> dict[str, Any]:
    """The workload on which other engines were measured: 200 SKUs, 40 % percent on 3 of them, 20 % three for
    two on 5, 20 % an amount off the order at a threshold, 20 % percent on 20 SKUs with a value condition."""
    random = Random(seed)
    made: list[dict[str, Any]] = []
    for number in range(count):
        kind = random.random()
        rule: dict[str, Any] = {
            "id": f"p{number:05d}",
            "name": f"p{number}",
            "phase": "item",
            "stack": "one_promotion_per_item",
        }
        rate = random.choice([50000, 100000, 200000])
        if kind < 0.4:
            rule |= {"select": _some(random, 3), "benefit": {"kind": "percent_each", "rate_ppm": rate}}
        elif kind < 0.6:
            rule |= {"select": _some(random, 5), "benefit": _nth(3, 1000000)}
        elif kind < 0.8:
            rule |= {
                "phase": "basket",
                "conditions": [{"min_amount_minor": random.randrange(5000, 50000)}],
                "benefit": {"kind": "basket_amount", "amount_minor": random.randrange(200, 2000)},
            }
        else:
            rule |= {
                "select": _some(random, 20),
                "conditions": [{"min_amount_minor": random.randrange(2000, 10000), "basis": "price"}],
                "benefit": {"kind": "percent_each", "rate_ppm": rate},
            }
        made.append(rule)
    return {"promotions": made}


def _some(random: Random, count: int) -> dict[str, Any]:
    return {"any_of": [{"skus": [f"s{n}" for n in sorted(random.sample(range(200), count))]}]}


def simple_basket(lines: int, random: Random) -> dict[str, Any]:
    """`lines` lines of one to three units of the 200 SKUs."""
    skus = [random.randrange(200) for _ in range(lines)]
    return {
        "channel": "pos",
        "store": "S001",
        "instant_ms": INSTANT,
        "utc_offset_minutes": 480,
        "lines": [
            {
                "line_id": str(n),
                "sku": f"s{sku}",
                "list_price_minor": 299 + 37 * sku,
                "quantity_milli": 1000 * random.choice([1, 2, 3]),
            }
            for n, sku in enumerate(skus)
        ],
    }
