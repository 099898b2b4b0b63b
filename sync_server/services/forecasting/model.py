"""What an item will sell a day: one rate, a share for each weekday, and how far off it has been.

The rate is the likeliest one of counts whose expectation is known up to it: sold ÷ exposure, both weighted so
that a day one half-life back counts half. A day's exposure is its weekday's share, times the item's uplift
where a promotion ran, and nothing where the item was not there. So gaps, promotions and items that sell twice
a month need no cases of their own. What little an item says itself is filled up from its department.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sync_server.services.forecasting.history import WEEK, Flags, History, Units

HALF_LIVES = (10.0, 14.0, 21.0, 28.0, 42.0, 63.0, 126.0)
"""Days; a store's own is the one that would have been nearest in its last weeks."""
TRIED_WEEKS = 13
PRIOR_DAYS = 4.0
"""An item says as much itself as its department says for it after so many days of sale."""
PRIOR_UNITS = 30.0
"""The same in units sold, for its weekdays."""
PRIOR_PROMOTED = 10.0
"""And for its uplift, in units that days of a promotion would have sold without one."""
UPLIFT_MAX = 8.0
STILL_DAYS = 91
"""An item that nobody bought for so long, though it was there, is expected to stay."""
PROMOTED_LATELY_DAYS = 56
"""No store knows which promotions come: they are expected as often as in these last days."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """Of each item, in the order of the history.

    Attributes:
        by_weekday: pieces or kg on a Monday, Tuesday …, promotions as often as lately.
        variance_week: of a week's sales about its forecast; never below what chance alone gives.
        uplift: how many times as much on a day of a promotion.
        half_life_days: how far back the store's rates look.
        seen_days, sale_days, out_days: what the figures rest on.
    """

    by_weekday: Units
    variance_week: Units
    uplift: Units
    half_life_days: float
    seen_days: NDArray[np.int64]
    sale_days: NDArray[np.int64]
    out_days: NDArray[np.int64]


def forecast(history: History) -> Forecast:
    """Of every item. A history without a day gives nothing but zeros."""
    count = len(history.skus)
    if not history.days or not count:
        none = np.zeros(count, dtype=np.int64)
        by_weekday = np.zeros((count, WEEK))
        return Forecast(by_weekday, np.zeros(count), np.ones(count), HALF_LIVES[0], none, none, none)
    plain = history.seen & ~history.promoted
    shares = _weekday_shares(history, plain)
    uplift = _uplifts(history, shares, plain)
    level = shares[:, history.weekdays] * history.seen
    exposure = level * np.where(history.promoted, uplift[:, None], 1.0)
    lately = history.promoted[:, -PROMOTED_LATELY_DAYS:].mean(axis=1)
    usual = 1.0 + (uplift - 1.0) * lately
    expected = level * usual[:, None]
    tried = [_tried(history, exposure, expected, each) for each in HALF_LIVES]
    best = int(np.argmin([off for off, _ in tried]))
    rate = _rates(history, exposure, HALF_LIVES[best])[:, -1] * usual
    rate[_stands_still(history)] = 0.0
    return Forecast(
        by_weekday=rate[:, None] * shares,
        variance_week=_variances(tried[best][1], WEEK * rate, history.families),
        uplift=uplift,
        half_life_days=HALF_LIVES[best],
        seen_days=history.seen.sum(axis=1),
        sale_days=(history.sold > 0).sum(axis=1),
        out_days=history.out.sum(axis=1),
    )


def _weekday_shares(history: History, plain: Flags) -> Units:
    """Item × weekday, 1.0 on average: its own filled up from the department's, those from the store's."""
    sold, days = np.zeros((len(history.skus), WEEK)), np.zeros((len(history.skus), WEEK))
    for weekday in range(WEEK):
        column = history.weekdays == weekday
        days[:, weekday] = plain[:, column].sum(axis=1)
        sold[:, weekday] = (history.sold[:, column] * plain[:, column]).sum(axis=1)
    rate = sold.sum(axis=1, keepdims=True) / np.maximum(days.sum(axis=1, keepdims=True), 1.0)
    even = rate * days  # had every weekday sold alike
    store = _ratio(sold.sum(axis=0), even.sum(axis=0), np.ones(WEEK), PRIOR_UNITS)
    ours, alike = _by_family(sold, history.families), _by_family(even, history.families)
    family = _ratio(ours, alike, store[None, :], PRIOR_UNITS)
    shares = _ratio(sold, even, family[history.families], PRIOR_UNITS)
    return np.asarray(shares * WEEK / np.maximum(shares.sum(axis=1, keepdims=True), 1e-9))


def _uplifts(history: History, shares: Units, plain: Flags) -> Units:
    """Sold on days of a promotion ÷ what those days would have sold without one."""
    level = shares[:, history.weekdays]
    rate = (history.sold * plain).sum(axis=1) / np.maximum((level * plain).sum(axis=1), 1e-9)
    on = history.promoted & history.seen
    sold = (history.sold * on).sum(axis=1)
    expected = rate * (level * on).sum(axis=1)
    chain = _ratio(sold.sum(keepdims=True), expected.sum(keepdims=True), np.ones(1), PRIOR_PROMOTED)
    ours, alike = _sums(sold, history.families), _sums(expected, history.families)
    family = _ratio(ours, alike, chain, PRIOR_PROMOTED)
    own = _ratio(sold, expected, family[history.families], PRIOR_PROMOTED)
    return np.asarray(np.clip(own, 1.0, UPLIFT_MAX))


def _rates(history: History, exposure: Units, half_life: float) -> Units:
    """Item × day: the rate as it stood after each day, without looking ahead.

    Only days that say something make an item forget older ones. What its department says stays.
    """
    keep = 0.5 ** (1.0 / half_life)
    prior = _typical(history, exposure) * PRIOR_DAYS
    sold, shown = np.zeros(len(prior)), np.zeros(len(prior))
    rates = np.empty_like(exposure)
    seen_sold = history.sold * history.seen
    for day in range(history.days):
        kept = np.where(history.seen[:, day], keep, 1.0)
        sold = kept * sold + seen_sold[:, day]
        shown = kept * shown + exposure[:, day]
        rates[:, day] = (sold + prior) / (shown + PRIOR_DAYS)
    return rates


def _stands_still(history: History) -> Flags:
    """Items that could have been sold on each of the last days, and were not."""
    later = np.cumsum(history.seen[:, ::-1], axis=1)[:, ::-1]  # days seen from each day on
    lately = later <= STILL_DAYS
    sold = (history.sold * lately).sum(axis=1) > 0
    return np.asarray(~sold & (history.seen.sum(axis=1) >= STILL_DAYS), dtype=np.bool_)


def _typical(history: History, exposure: Units) -> Units:
    """What an item of the department sells a day; the median, for a few sell most."""
    own = (history.sold * history.seen).sum(axis=1) / np.maximum(exposure.sum(axis=1), 1.0)
    typical = np.zeros(len(own))
    for family in np.unique(history.families):
        of = history.families == family
        typical[of] = np.median(own[of])
    return typical


def _tried(history: History, exposure: Units, expected: Units, half_life: float) -> tuple[float, Units]:
    """The last weeks, each forecast from the days before it: the sum of all errors, and every error.

    A week on some of whose days the item was out is no trial: its error is not a number.
    """
    rates = _rates(history, exposure, half_life)
    weeks = max(0, min(TRIED_WEEKS, history.days // WEEK - 1))
    errors = np.full((len(history.skus), weeks), np.nan)
    for back in range(weeks):
        end = history.days - back * WEEK
        week = slice(end - WEEK, end)
        whole = history.seen[:, week].all(axis=1)
        error = history.sold[:, week].sum(axis=1) - rates[:, end - WEEK - 1] * expected[:, week].sum(axis=1)
        errors[whole, back] = error[whole]
    return float(np.nansum(np.abs(errors))), errors


def _variances(errors: Units, week: Units, families: NDArray[np.int64]) -> Units:
    """Of a week about its forecast: own errors filled up with the department's spread at such a rate."""
    counts = (~np.isnan(errors)).sum(axis=1)
    squares = np.nansum(errors**2, axis=1)
    ours, alike = _sums(squares, families), _sums(week * counts, families)
    spread = np.maximum(_ratio(ours, alike, np.ones(1), PRIOR_UNITS), 1.0)[families]
    own = (squares + WEEK * spread * week) / (counts + WEEK)
    return np.asarray(np.maximum(own, week))


def _sums(values: Units, families: NDArray[np.int64]) -> Units:
    return np.asarray(_by_family(values[:, None], families)[:, 0])


def _by_family(values: Units, families: NDArray[np.int64]) -> Units:
    found = np.zeros((int(families.max()) + 1 if len(families) else 0, values.shape[1]))
    np.add.at(found, families, values)
    return found


def _ratio(sold: Units, expected: Units, prior: Units, weight: float) -> Units:
    """`sold ÷ expected`, as far as that says something; else the prior."""
    return np.asarray((sold + weight * prior) / (expected + weight))
