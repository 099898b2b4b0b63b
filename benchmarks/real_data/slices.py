"""Which part of the data set is replayed: the whole year, some busy stores, or baskets with coupons."""

from __future__ import annotations

import polars as pl

from benchmarks.real_data.campaigns import redemptions
from benchmarks.real_data.dataset import FUEL_QUANTITY_OVER, Slice, lines


def whole_year() -> Slice:
    """All of it."""
    return Slice(lines(), whole_catalog=True)


def small_slice(stores: int, baskets: int) -> Slice:
    """The first baskets of the year of `stores` busy stores, at least `baskets` of them, dirty ones too.

    The stores are the busiest ones; each gives its share of ordinary baskets in order of time, and for
    each kind of dirt (quantity 0, fuel, unknown product, line or basket below zero) up to three more; each
    campaign up to four baskets in which its coupons were taken.
    """
    everything = lines()
    chosen = Slice(everything).store_ids[:stores]
    own = everything.filter(pl.col("store_id").is_in(chosen))
    heads = own.group_by("basket_id", "store_id").agg(
        at=pl.col("at").first(),
        zero=(pl.col("quantity") == 0).any(),
        fuel=(pl.col("quantity") > FUEL_QUANTITY_OVER).any(),
        unknown=(~pl.col("known")).any(),
        below=(pl.col("net_minor") < 0).any(),
        basket_below=pl.col("net_minor").sum() < 0,
    )
    heads = heads.sort("at", "basket_id")
    share = -(-baskets // stores)
    picked = [heads.group_by("store_id", maintain_order=True).head(share)["basket_id"]]
    for dirt in ("zero", "fuel", "unknown", "below", "basket_below"):
        picked.append(
            heads.filter(pl.col(dirt)).group_by("store_id", maintain_order=True).head(3)["basket_id"]
        )
    redeemed = redemptions(own).select("campaign_id", "basket_id").unique().sort("campaign_id", "basket_id")
    picked.append(redeemed.group_by("campaign_id", maintain_order=True).head(4)["basket_id"])
    return Slice(own.filter(pl.col("basket_id").is_in(pl.concat(picked).unique().to_list())))


def campaign_slice(stores: int | None, baskets: int | None) -> Slice:
    """Baskets in which coupons of campaigns were taken: all, or some of each campaign in a few stores."""
    everything = lines()
    found = redemptions(everything).join(
        everything.select("basket_id", "store_id").unique(), on="basket_id", how="left"
    )
    if stores is not None:
        counts = found.group_by("store_id").agg(n=pl.col("campaign_id").n_unique(), m=pl.len())
        counts = counts.sort("n", "m", "store_id", descending=[True, True, False])
        found = found.filter(pl.col("store_id").is_in(counts["store_id"].to_list()[:stores]))
    if baskets is not None:
        heads = found.select("campaign_id", "basket_id").unique().sort("campaign_id", "basket_id")
        found = heads.group_by("campaign_id", maintain_order=True).head(baskets)
    return Slice(everything.filter(pl.col("basket_id").is_in(found["basket_id"].unique().to_list())))
