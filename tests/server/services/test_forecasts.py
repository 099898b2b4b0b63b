"""The nightly forecast of a store, from the documents that its workstations sent."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import pytest

from pos_core.sync.document import document_bytes
from sync_server.jobs.forecasts import ForecastJobs
from sync_server.jobs.schedule import Builder
from sync_server.services.forecasting.history import History, StockNow, read_history
from sync_server.services.forecasting.model import forecast
from sync_server.services.forecasting.run import Forecasts
from sync_server.services.forecasting.safety import safety_stock
from sync_server.store import demand, feed
from sync_server.store.demand import ItemDay
from sync_server.store.schema.demand import item_day
from tests.fakes.facts import sale
from tests.fakes.reference_rows import item_row
from tests.server.support.nearby import put_stores
from tests.server.support.office import Chain

MONDAY = date(2026, 1, 5)


def a_history(sold: Any, *, seen: Any = None, promoted: Any = None, families: Any = None) -> History:
    units = np.array(sold, dtype=np.float64)
    none = np.zeros(units.shape, dtype=np.bool_)
    return History(
        skus=tuple(str(each) for each in range(len(units))),
        first_day=MONDAY,
        sold=units,
        seen=~none if seen is None else np.array(seen),
        promoted=none if promoted is None else np.array(promoted),
        families=np.zeros(len(units), dtype=np.int64) if families is None else np.array(families),
        out=none,
    )


def test_weekdays_are_told_apart() -> None:
    week = [10, 10, 10, 10, 10, 40, 50]
    made = forecast(a_history([week * 20]))
    assert made.by_weekday[0] == pytest.approx(week, rel=0.08)


def test_days_without_stock_are_not_days_without_demand() -> None:
    sold = np.full((1, 140), 6.0)
    sold[0, -30:] = 0.0
    seen = np.ones((1, 140), dtype=np.bool_)
    taken_at_its_word = forecast(a_history(sold)).by_weekday.sum()
    seen[0, -30:] = False
    assert forecast(a_history(sold, seen=seen)).by_weekday.sum() == pytest.approx(42, rel=0.05)
    assert taken_at_its_word < 25


def test_a_promotion_is_not_the_new_usual() -> None:
    sold, promoted = np.full((1, 140), 10.0), np.zeros((1, 140), dtype=np.bool_)
    sold[0, -7:], promoted[0, -7:] = 30.0, True
    made = forecast(a_history(sold, promoted=promoted))
    assert made.uplift[0] == pytest.approx(2.8, abs=0.4)
    assert 70 < made.by_weekday.sum() < 95, "as many promotions as lately: a week in eight"
    later = np.concatenate([sold, np.full((1, 60), 10.0)], axis=1)
    known = np.concatenate([promoted, np.zeros((1, 60), dtype=np.bool_)], axis=1)
    assert forecast(a_history(later, promoted=known)).by_weekday.sum() == pytest.approx(70, rel=0.04)


def test_a_new_item_is_expected_to_sell_as_its_department_does() -> None:
    sold = np.zeros((6, 100))
    sold[:5] = 8.0
    seen = np.ones((6, 100), dtype=np.bool_)
    seen[5, :-1] = False
    assert forecast(a_history(sold, seen=seen)).by_weekday[5].sum() > 7 * 4


def test_what_nobody_buys_is_not_expected_to_go() -> None:
    sold = np.full((3, 200), 5.0)
    sold[2, 50:] = 0.0
    assert forecast(a_history(sold)).by_weekday[2].sum() == 0


@pytest.mark.parametrize("service", [0.9, 0.95, 0.99])
def test_the_service_level_is_reached_by_chance_itself(service: float) -> None:
    dice = np.random.default_rng(3)
    mean = np.array([0.4, 3.0, 25.0, 200.0])
    kept = mean + safety_stock(mean, mean, np.full(4, service))
    reached = (dice.poisson(mean, (20_000, 4)) <= kept).mean(axis=0)
    assert (reached >= service - 0.012).all()
    less = (dice.poisson(mean, (20_000, 4)) <= kept - 1).mean(axis=0)
    assert (less < service + 0.012).all(), "one piece less would not do"


def test_books_are_counted_back_only_to_the_last_count() -> None:
    rows = [ItemDay("A", "2026-01-05", 0, 2000, 2000, 0, 0), ItemDay("A", "2026-01-06", 2000, -2000, 0, 9, 9)]
    asked: dict[str, Any] = {"first_day": MONDAY, "days": 10, "families": {"A": "D"}}
    found = read_history(rows, stock={"A": StockNow(0, None)}, **asked)
    assert found.out[0].tolist() == [False] * 2 + [True] * 8
    counted = {"A": StockNow(0, date(2026, 1, 9))}
    assert read_history(rows, stock=counted, **asked).out[0].sum() == 5
    assert not read_history(rows[1:], stock={"A": StockNow(-2000, None)}, **asked).out.any(), (
        "never delivered"
    )


def _sold(chain: Chain, till: Any, day: date, quantity: int) -> None:
    header = till.maker.header("sale", business_day=day.isoformat())
    till.maker.append(document_bytes(header, sale(sku="A", quantity_milli=quantity * 1000)))


def _rows(chain: Chain) -> dict[str, list[Any]]:
    found = chain.office.store.read(lambda txn: list(feed.rows_of(txn, "replenishment", "store:S001")))
    return {row[0]: row for row in found}


def test_what_was_pushed_becomes_the_stores_forecast_and_is_gathered_once(chain: Chain) -> None:
    put_stores(chain.office)
    item = item_row("A", "苹果")
    chain.office.store.write(lambda txn: feed.put_rows(txn, "item", "chain", [item]))
    till = chain.enrol()
    today = datetime.fromtimestamp(chain.clock.now_ms() / 1000, UTC).date()
    for back in range(60, 1, -1):
        _sold(chain, till, today - timedelta(days=back), 3)
    till.call("POST", "/v1/documents", till.maker.push_body())
    forecasts = Forecasts(chain.office.store, chain.clock)
    forecasts.run("S001")
    first = _rows(chain)["A"]
    assert sum(json.loads(first[1])) == pytest.approx(21_000, rel=0.05) and first[2] > 0
    whole = sum(sale(sku="A", quantity_milli=3000)["lines"][0]["net_minor"] for _ in range(59))
    assert json.loads(first[10])["sold_minor"] == pytest.approx(whole, rel=0.005), (
        "of 90 days, in three figures"
    )
    forecasts.run("S001")
    assert _rows(chain)["A"] == first
    days = chain.office.store.read(lambda txn: list(demand.of_store(txn, "S001", "2000-01-01")))
    assert {day.sold_milli for day in days} == {3000} and len(days) == 59
    chain.office.store.write(lambda txn: demand.begin_anew(txn, "S001"))
    forecasts.run("S001")
    assert _rows(chain)["A"] == first


def test_what_moves_no_stock_is_no_goods_and_not_forecast(chain: Chain) -> None:
    """A top-up of stored value is sold like goods, and lies on no shelf."""
    put_stores(chain.office)
    day = (datetime.fromtimestamp(chain.clock.now_ms() / 1000, UTC).date() - timedelta(days=9)).isoformat()
    items = [item_row("A", "苹果"), item_row("TOPUP", "储值充值")]
    chain.office.store.write(lambda txn: feed.put_rows(txn, "item", "chain", items))
    rows = [("S001", day, "TOPUP", 1000, 0, 0, 5000, 5000), ("S001", day, "A", 1000, -1000, 0, 5, 5)]
    chain.office.store.write(lambda txn: txn.insert_many(item_day, rows))
    Forecasts(chain.office.store, chain.clock).run("S001")
    assert set(_rows(chain)) == {"A"}


def test_it_is_due_once_a_night(chain: Chain) -> None:
    put_stores(chain.office)
    jobs = ForecastJobs(chain.office.store, chain.clock, Builder(["false"]))
    assert jobs.is_due()
    Forecasts(chain.office.store, chain.clock).run()
    assert not jobs.is_due()
    chain.clock.advance(24 * 3600 * 1000)
    assert jobs.is_due()


def test_a_serving_head_office_never_loads_numpy() -> None:
    asked = (
        "import sys, sync_server.bootstrap, sync_server.http.app, sync_server.jobs.forecasts;"
        " sys.exit('numpy' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", asked], check=False).returncode == 0
