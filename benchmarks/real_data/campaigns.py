"""The data set's 27 campaigns as files to import and as coupons of baskets.

The set says on which day a household redeemed which coupon, not in which basket. Our rule: of the baskets
of that household and local day the one with most, in this order: a line of an offered product from which a
coupon was taken off; a line of an offered product; any line with a coupon; the lowest number. The coupon
gave what coupons took off the offered products in that basket; a line counts for one coupon, the first by
campaign and number.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import polars as pl

from benchmarks.real_data.dataset import Slice, data_folder
from pos_client.services.payment.replay import GivenCoupon

PAST_CAMPAIGNS, REACH = "past-campaigns", "past-campaign-reach"


def campaign_code(campaign_id: int) -> str:
    """`7 -> CJ07`."""
    return f"CJ{campaign_id:02d}"


def redemptions(lines: pl.DataFrame) -> pl.DataFrame:
    """Those with a basket here: basket_id, campaign_id, coupon_upc, household_id, day, amount_minor."""
    taken = _table("coupon_redemptions").with_columns(day=pl.col("redemption_date").dt.date())
    offered = _table("coupons").select("campaign_id", "coupon_upc", "product_id").unique()
    own = lines.join(taken.select("household_id", "day").unique(), on=["household_id", "day"], how="semi")
    own = own.select("household_id", "day", "basket_id", "product_id", "coupon_minor").with_row_index("line")
    pairs = (
        taken.join(own, on=["household_id", "day"])
        .join(
            offered.with_columns(is_offered=pl.lit(value=True)),
            on=["campaign_id", "coupon_upc", "product_id"],
            how="left",
        )
        .with_columns(is_offered=pl.col("is_offered").fill_null(value=False), off=pl.col("coupon_minor") > 0)
    )
    key = ["campaign_id", "coupon_upc", "household_id", "day"]
    best = (
        pairs.group_by(*key, "basket_id")
        .agg(
            both=(pl.col("is_offered") & pl.col("off")).any(),
            offered=pl.col("is_offered").any(),
            off=pl.col("off").any(),
        )
        .sort("both", "offered", "off", "basket_id", descending=[True, True, True, False])
        .group_by(*key, maintain_order=True)
        .first()
        .select(*key, "basket_id")
    )
    given = (
        pairs.filter(pl.col("is_offered") & pl.col("off"))
        .join(best, on=[*key, "basket_id"], how="semi")
        .sort("campaign_id", "coupon_upc")
        .group_by("line", maintain_order=True)
        .first()
        .group_by(*key)
        .agg(amount_minor=pl.col("coupon_minor").sum())
    )
    found = best.join(given, on=key, how="left").with_columns(
        amount_minor=pl.col("amount_minor").fill_null(0)
    )
    return found.sort("basket_id", "campaign_id", "coupon_upc")


def coupons_of(part: Slice) -> dict[int, tuple[GivenCoupon, ...]]:
    """Basket → the coupons taken in it. A printed coupon has a number of its own in each household."""
    found: dict[int, tuple[GivenCoupon, ...]] = {}
    for row in redemptions(part.lines).iter_rows(named=True):
        coupon = GivenCoupon(
            campaign_code(row["campaign_id"]),
            f"{row['coupon_upc']}.{row['household_id']}.{row['day']:%m%d}",
            f"H{row['household_id']:04d}",
            row["amount_minor"],
        )
        found[row["basket_id"]] = (*found.get(row["basket_id"], ()), coupon)
    return found


def campaign_rows() -> Iterator[dict[str, str]]:
    """Rows of `past-campaigns`; the data set's last day is inside."""
    for row in _table("campaign_descriptions").sort("campaign_id").iter_rows(named=True):
        yield {
            "campaign_id": campaign_code(row["campaign_id"]),
            "name": f"活动 {row['campaign_id']}（{row['campaign_type'].removeprefix('Type ')} 类）",
            "name_en": f"Campaign {row['campaign_id']} ({row['campaign_type']})",
            "valid_from": f"{row['start_date']:%Y-%m-%d}",
            "valid_to": f"{row['end_date'] + timedelta(days=1):%Y-%m-%d}",
            "promotion": row["campaign_type"],
        }


def reach_rows(part: Slice) -> Iterator[dict[str, str]]:
    """Rows of `past-campaign-reach`, of households that shop in the slice."""
    here = set(part.lines["household_id"].unique().to_list())
    for campaign_id, household_id in _table("campaigns").sort("campaign_id", "household_id").iter_rows():
        if household_id in here:
            yield {"campaign_id": campaign_code(campaign_id), "member_id": f"H{household_id:04d}"}


def _table(name: str) -> pl.DataFrame:
    return pl.read_parquet(Path(data_folder()) / f"{name}.parquet")
