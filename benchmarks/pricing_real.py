"""How long real baskets take under promotions made of the same data, and how often the optimum is proven.

`python -m benchmarks.pricing_real [--baskets 300]` takes baskets of the year of `benchmarks/real_data` by a
seeded draw and prices each under 50, 100 and 500 promotions, a 满减 ladder and a presented coupon beside.
The promotions name what that chain sells most: products, kinds of product and makers, weighed by units sold;
bundles are of products that its shoppers did buy together; the ladder's steps are quantiles of its baskets.
So nearly every basket meets some. Processor time, in milliseconds; the data set is read first, which takes
seconds and is not counted.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from functools import partial
from random import Random
from typing import Any

import polars as pl

from benchmarks.pricing import measure, row
from benchmarks.pricing_data import INSTANT, coupon
from benchmarks.real_data.dataset import lines, products
from pos_core.pricing.compiled import compile_rules
from pos_core.pricing.engine import price_basket
from pos_core.pricing.load import load_basket, load_promotions

RELEASES = (50, 100, 500)
SEED = 618
UNITS_MOST = 50
"""A line of more is fuel or a slip of the scale: no till counts it as pieces."""
BANDS = (("all", 1, 10_000), ("1 to 10", 1, 10), ("11 to 30", 11, 30), ("over 30", 31, 10_000))
"""Units of a basket: name, from, to."""


@dataclass(frozen=True, slots=True)
class RealChain:
    """What promotions are made of: names with the units sold under them, prices, pairs and basket sums."""

    skus: list[tuple[str, int]]
    types: list[tuple[str, int]]
    makers: list[tuple[str, int]]
    prices: dict[str, int]
    pairs: list[tuple[str, str]]
    quantiles: list[int]


def sold() -> pl.DataFrame:
    """Lines that a till rings up by the piece: a known product, 1 to 50 of it, above zero."""
    named = products().select("product_id", "manufacturer_id", "product_category", "product_type")
    piece = (pl.col("list_minor") / pl.col("quantity")).round().cast(pl.Int64)
    return (
        lines()
        .filter(pl.col("known") & pl.col("quantity").is_between(1, UNITS_MOST) & (pl.col("list_minor") > 0))
        .join(named, on="product_id", how="left", maintain_order="left")
        .with_columns(price=piece)
        .filter(pl.col("price") > 0)
    )


def chain_of(everything: pl.DataFrame, random: Random) -> RealChain:
    """The chain's best sellers and habits."""

    def most(column: str, count: int) -> list[tuple[str, int]]:
        found = everything.drop_nulls(column).group_by(column).agg(n=pl.col("quantity").sum())
        found = found.sort("n", column, descending=[True, False]).head(count)
        return [(str(name), int(n)) for name, n in found.rows()]

    skus = most("product_id", 2000)
    prices = everything.group_by("product_id").agg(p=pl.col("price").median().cast(pl.Int64))
    sums = everything.group_by("basket_id").agg(s=pl.col("list_minor").sum())["s"]
    quantiles = [int(sums.quantile(q) or 0) // 500 * 500 for q in (0.5, 0.75, 0.9, 0.97)]
    return RealChain(
        skus=skus,
        types=most("product_type", 300),
        makers=most("manufacturer_id", 200),
        prices={str(name): int(p) for name, p in prices.rows()},
        pairs=_pairs(everything, {name for name, _ in skus}, random),
        quantiles=quantiles,
    )


def _pairs(everything: pl.DataFrame, able: set[str], random: Random) -> list[tuple[str, str]]:
    """Two different best sellers of one basket, for some hundred baskets."""
    some = everything.select("basket_id").unique().sort("basket_id").sample(2000, seed=SEED)
    found: list[tuple[str, str]] = []
    for _, group in sorted(everything.join(some, on="basket_id").group_by("basket_id"), key=lambda g: g[0]):
        own = sorted({str(p) for p in group["product_id"]} & able)
        if len(own) >= 2:
            one, other = random.sample(own, 2)
            found.append((one, other))
    return found


def promotions(chain: RealChain, count: int) -> dict[str, Any]:
    """`count` item promotions in the mix of `pricing_data`, the ladder and the coupon."""
    random = Random(SEED + count)
    made = [_promotion(chain, random, number) for number in range(count)]
    tiers = [
        {"min_amount_minor": at, "value": at * (10 + 3 * n) // 100} for n, at in enumerate(chain.quantiles)
    ]
    made.append(
        {
            "id": "ladder",
            "name": "ladder",
            "phase": "basket",
            "stack": "one_promotion_per_item",
            "benefit": {"kind": "basket_amount", "ladder": {"tiers": tiers}},
        }
    )
    made.append(coupon("coupon", "C1", chain.quantiles[0], 200))
    return {"promotions": made}


def _promotion(chain: RealChain, random: Random, number: int) -> dict[str, Any]:
    turn = random.random()
    name = f"p{number:05d}"
    head = {"id": name, "name": name, "phase": "item", "stack": "one_promotion_per_item"}
    if turn < 0.45:
        rate = random.choice([50_000, 100_000, 150_000, 200_000, 300_000])
        chosen = sorted({_drawn(chain.skus, random) for _ in range(10)})
        benefit: dict[str, Any] = {"kind": "percent_each", "rate_ppm": rate}
        return {**head, "select": {"any_of": [{"skus": chosen}]}, "benefit": benefit}
    if turn >= 0.93:
        pair = random.choice(chain.pairs)
        slots = [{"select": {"any_of": [{"skus": [sku]}]}} for sku in pair]
        price = sum(chain.prices[sku] for sku in pair) * random.choice([70, 80, 85]) // 100
        return {**head, "benefit": {"kind": "bundle_price", "slots": slots, "price_minor": price}}
    if turn < 0.60:
        benefit = {"kind": "nth_percent", "units": 2, "rate_ppm": 500_000}
    elif turn < 0.70:
        benefit = {"kind": "nth_percent", "units": random.choice([2, 3]), "rate_ppm": 1_000_000}
    elif turn < 0.85:
        units, rate = random.choice([(2, 100_000), (2, 150_000), (3, 200_000), (3, 300_000), (4, 250_000)])
        benefit = {"kind": "group_percent", "units": units, "rate_ppm": rate}
    else:
        units = random.choice([2, 3, 4])
        price = units * random.choice([99, 149, 199, 249])
        benefit = {"kind": "group_price", "units": units, "price_minor": price}
    return {**head, "select": _set(chain, random), "benefit": benefit}


def _set(chain: RealChain, random: Random) -> dict[str, Any]:
    turn = random.random()
    if turn < 0.5:
        return {"any_of": [{"departments": [_drawn(chain.types, random)]}]}
    if turn < 0.8:
        return {"any_of": [{"brands": [_drawn(chain.makers, random)]}]}
    return {"any_of": [{"skus": sorted({_drawn(chain.skus, random) for _ in range(20)})}]}


def _drawn(names: list[tuple[str, int]], random: Random) -> str:
    return random.choices([n for n, _ in names], [w for _, w in names])[0]


def baskets(everything: pl.DataFrame, count: int) -> list[dict[str, Any]]:
    """`count` baskets of the year, each as the till asks for it."""
    chosen = everything.select("basket_id").unique().sort("basket_id").sample(count, seed=SEED)
    own = everything.join(chosen, on="basket_id", maintain_order="left")
    return [
        _basket(group)
        for _, group in sorted(own.group_by("basket_id", maintain_order=True), key=lambda g: g[0])
    ]


def _basket(group: pl.DataFrame) -> dict[str, Any]:
    found = []
    for number, sold_line in enumerate(group.iter_rows(named=True), 1):
        path = [sold_line[name] for name in ("department", "product_category", "product_type")]
        found.append(
            {
                "line_id": str(number),
                "sku": str(sold_line["product_id"]),
                "brand": str(sold_line["manufacturer_id"]),
                "departments": list(dict.fromkeys(str(name) for name in path if name)),
                "list_price_minor": sold_line["price"],
                "quantity_milli": sold_line["quantity"] * 1000,
            }
        )
    return {
        "channel": "pos",
        "store": "S001",
        "instant_ms": INSTANT,
        "utc_offset_minutes": -240,
        "lines": found,
        "coupons": [{"coupon_id": "1", "campaign": "C1"}],
    }


def units_in(basket: dict[str, Any]) -> int:
    """Pieces in a basket."""
    return sum(int(line["quantity_milli"]) for line in basket["lines"]) // 1000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--baskets", type=int, default=300)
    options = parser.parse_args()
    everything = sold()
    chain = chain_of(everything, Random(SEED))
    drawn = baskets(everything, options.baskets)
    print(f"{len(drawn)} real baskets, 1 to {max(map(units_in, drawn))} units")
    print(f"{'promotions, units':<28} {'median':>8} {'p95':>8} {'p99':>8} {'max':>8}")
    for count in RELEASES:
        rules = compile_rules(load_promotions(promotions(chain, count)))
        met = sum(bool(price_basket(load_basket(b), rules).applications) for b in drawn)
        for band, least, most in BANDS:
            asked = [load_basket(b) for b in drawn if least <= units_in(b) <= most]
            if asked:
                measured = measure([partial(price_basket, q, rules) for q in asked])
                row(f"{count}, {band} ({len(asked)})", *measured)
        print(f"  {100 * met // len(drawn)} % of the baskets got a promotion")


if __name__ == "__main__":
    main()
