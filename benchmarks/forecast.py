"""The nightly forecast against a real chain's year, and how long a store of 5,000 items takes.

    python -m benchmarks.forecast

The last eight weeks are held out: 44 weeks are known, the eight after them are forecast at once and compared
week by week. WAPE is the sum of all errors ÷ all that was sold; the seasonal-naive forecast repeats the last
known week. Only items that are chosen by what was known (sold in so many of the 44 weeks) are judged.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import polars as pl
from numpy.typing import NDArray

from benchmarks.real_data.dataset import FUEL_QUANTITY_OVER, lines
from sync_server.services.forecasting.history import History, promoted_days
from sync_server.services.forecasting.model import Forecast, forecast
from sync_server.services.forecasting.safety import safety_stock

FIRST_DAY = date(2017, 1, 2)
WEEKS, HELD_OUT = 52, 8
KNOWN_DAYS = (WEEKS - HELD_OUT) * 7
GOAL_ITEMS, GOAL_S = 5000, 60.0


@dataclass(frozen=True, slots=True)
class Panel:
    """What is known, and the weeks that are to be forecast."""

    history: History
    held_out: NDArray[np.float64]


def panel(*, by_store: bool, least_weeks: int, stores: list[int] | None = None) -> Panel:
    """Items of each store, or of the whole chain taken as one, sold in so many of the known weeks."""
    sold = lines().filter(
        pl.col("known") & pl.col("quantity").is_between(1, FUEL_QUANTITY_OVER) & (pl.col("day") >= FIRST_DAY)
    )
    if stores is not None:
        sold = sold.filter(pl.col("store_id").is_in(stores))
    if not by_store:
        sold = sold.with_columns(store_id=pl.lit(0))
    sold = sold.with_columns(column=(pl.col("day") - FIRST_DAY).dt.total_days())
    weeks = (pl.col("column") // 7).n_unique()
    keys = ("store_id", "product_id")
    known = sold.filter(pl.col("column") < KNOWN_DAYS).group_by(keys)
    chosen = known.agg(weeks=weeks, department=pl.col("department").first())
    chosen = chosen.filter(pl.col("weeks") >= least_weeks).sort(keys).with_row_index("row")
    days = sold.join(chosen, on=keys).group_by("row", "column")
    figures = days.agg(pl.col("quantity").sum(), pl.col("list_minor").sum(), pl.col("net_minor").sum())
    shape = (len(chosen), WEEKS * 7)
    units, full, net = (np.zeros(shape) for _ in range(3))
    for array, name in ((units, "quantity"), (full, "list_minor"), (net, "net_minor")):
        array[figures["row"], figures["column"]] = figures[name]
    before = units[:, :KNOWN_DAYS]
    history = History(
        skus=tuple(str(each) for each in chosen["product_id"]),
        first_day=FIRST_DAY,
        sold=before,
        seen=np.cumsum(before, axis=1) > 0,
        promoted=promoted_days(full[:, :KNOWN_DAYS], net[:, :KNOWN_DAYS]),
        families=chosen["department"].rank("dense").to_numpy().astype(np.int64) - 1,
        out=np.zeros(before.shape, dtype=np.bool_),
    )
    after = units[:, KNOWN_DAYS:].reshape(len(chosen), HELD_OUT, 7).sum(axis=2)
    return Panel(history, after)


def wape(expected: NDArray[np.float64], sold: NDArray[np.float64]) -> float:
    """Errors ÷ sales, week by week; `expected` is one week's figure of each item."""
    return float(np.abs(sold - expected[:, None]).sum() / sold.sum())


def naive(history: History) -> NDArray[np.float64]:
    """The last known week, as it was."""
    return np.asarray(history.sold[:, -7:].sum(axis=1))


def _judge(name: str, made: Panel) -> bool:
    began = time.perf_counter()
    found = forecast(made.history)
    took = time.perf_counter() - began
    week = found.by_weekday.sum(axis=1)
    ours, theirs = wape(week, made.held_out), wape(naive(made.history), made.held_out)
    bias = week.sum() * HELD_OUT / made.held_out.sum() - 1
    enough = _reached(found, week, made.held_out)
    print(
        f"{name}: {len(week)} items, WAPE {ours:.3f}, seasonal-naive {theirs:.3f}; bias {bias:+.1%};"
        f" service 95 % reached {enough:.1%}; half-life {found.half_life_days:g} days; {took:.1f} s"
    )
    return ours < theirs


def _reached(found: Forecast, week: NDArray[np.float64], sold: NDArray[np.float64]) -> float:
    """Of the weeks held out, in how many the week's forecast and its safety stock were enough."""
    kept = week + safety_stock(week, found.variance_week, np.full(len(week), 0.95))
    return float((sold <= kept[:, None] + 1e-9).mean())


def _long_store() -> float:
    """Seconds for 5,000 items of one store over 400 days."""
    dice = np.random.default_rng(7)
    rate = dice.lognormal(-1.0, 1.2, (GOAL_ITEMS, 1))
    sold = dice.poisson(np.broadcast_to(rate, (GOAL_ITEMS, 400))).astype(np.float64)
    none = np.zeros(sold.shape, dtype=np.bool_)
    first = date(2026, 1, 1) - timedelta(days=400)
    names = tuple(f"SKU{each:05}" for each in range(GOAL_ITEMS))
    families = np.arange(GOAL_ITEMS) % 40
    began = time.perf_counter()
    found = forecast(History(names, first, sold, ~none, none, families, none))
    week = found.by_weekday.sum(axis=1)
    safety_stock(week, found.variance_week, np.full(GOAL_ITEMS, 0.95))
    return time.perf_counter() - began


def main() -> None:
    better = [
        _judge("whole chain as one", panel(by_store=False, least_weeks=26)),
        _judge("store by store", panel(by_store=True, least_weeks=13)),
    ]
    took = _long_store()
    verdict = "within" if took <= GOAL_S else "ABOVE"
    print(f"{GOAL_ITEMS} items of one store, 400 days: {took:.1f} s, {verdict} the goal of {GOAL_S:g} s")
    if not all(better) or took > GOAL_S:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
