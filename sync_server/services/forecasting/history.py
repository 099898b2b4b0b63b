"""A store's sales as arrays: a row an item, a column a day, and which of its days say anything."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from sync_server.store.demand import ItemDay

Units = NDArray[np.float64]
Flags = NDArray[np.bool_]

PROMOTED_DEPTH = 0.15
"""A week whose discount is deeper by so much than the item's usual one is a promotion's."""
USUAL_QUANTILE = 0.4
SOLD_OFTEN = 0.8
"""An item must sell in so many of its weeks, else its promotions cannot be told from chance: of one that
sells seldom, only the weeks with a sale would ever seem promoted."""
BOOKS_WRONG_SHARE = 0.2
"""Sales on so many of its days with nothing on the books: then the books are not believed about days out."""
WEEK = 7


@dataclass(frozen=True, slots=True)
class StockNow:
    """What the books say of an item: on hand now, and since which day they can be counted back."""

    on_hand_milli: int
    trusted_from: date | None


@dataclass(frozen=True, slots=True)
class History:
    """What a store sold, item by item and day by day.

    Attributes:
        first_day: the day of column 0; the last column is the last whole day.
        sold: pieces or kg, returns taken off, never below zero.
        seen: False before an item's first day and on days when it was not there to be sold.
        promoted: days of a promotion.
        families: item → number of its department; items of one are expected to behave alike.
        out: days that the item was known to be out.
    """

    skus: tuple[str, ...]
    first_day: date
    sold: Units
    seen: Flags
    promoted: Flags
    families: NDArray[np.int64]
    out: Flags

    @property
    def days(self) -> int:
        """How many columns."""
        return int(self.sold.shape[1])

    @property
    def weekdays(self) -> NDArray[np.int64]:
        """Column → weekday, Monday is 0."""
        return (np.arange(self.days) + self.first_day.weekday()) % WEEK


def read_history(
    rows: Iterable[ItemDay],
    *,
    first_day: date,
    days: int,
    families: Mapping[str, str],
    stock: Mapping[str, StockNow],
    known_out: Iterable[tuple[str, date]] = (),
) -> History:
    """From rows of one store in any order. `families`: SKU → department code, of every item wanted.

    `known_out`: days that earlier runs found. Rows of items that are not wanted and of days before the first
    are left out; goods that moved after the last column are only counted back.
    """
    skus = tuple(sorted(families))
    place = {sku: at for at, sku in enumerate(skus)}
    shape = (len(skus), days)
    sold, full, net, moved = (np.zeros(shape) for _ in range(4))
    came_in = np.zeros(shape, dtype=np.bool_)
    later = np.zeros(len(skus))
    begin = first_day.toordinal()
    ordinals: dict[str, int] = {}
    for row in rows:
        at = place.get(row.sku)
        day = ordinals.get(row.business_day)
        if day is None:
            day = ordinals[row.business_day] = date.fromisoformat(row.business_day).toordinal() - begin
        if at is None or day < 0:
            continue
        if day >= days:
            later[at] += row.moved_milli
            continue
        sold[at, day], moved[at, day] = row.sold_milli / 1000, row.moved_milli / 1000
        full[at, day], net[at, day] = row.list_minor, row.net_minor
        came_in[at, day] = row.came_in_milli > 0
    now = np.array([stock[sku].on_hand_milli if sku in stock else 0 for sku in skus], dtype=np.float64)
    gone = _out(sold, moved, came_in, (now - later) / 1000) & _trusted(skus, stock, first_day, days)
    for sku, day_out in known_out:
        at, column = place.get(sku), day_out.toordinal() - begin
        if at is not None and 0 <= column < days and sold[at, column] <= 0:
            gone[at, column] = True
    numbers = {name: number for number, name in enumerate(sorted(set(families.values())))}
    return History(
        skus=skus,
        first_day=first_day,
        sold=np.maximum(sold, 0.0),
        seen=(np.cumsum(np.abs(sold) + came_in, axis=1) > 0) & ~gone,
        promoted=promoted_days(full, net),
        families=np.array([numbers[families[sku]] for sku in skus], dtype=np.int64),
        out=gone,
    )


def promoted_days(full: Units, net: Units) -> Flags:
    """Days about which an item was sold much cheaper than usual; `full` and `net`: list and paid."""
    full_week, net_week = _about(full), _about(net)
    sells = full_week > 0
    depth = np.where(sells, 1.0 - net_week / np.maximum(full_week, 1.0), np.nan)
    begun = np.cumsum(full, axis=1) > 0
    often = (sells & begun).sum(axis=1) >= SOLD_OFTEN * np.maximum(begun.sum(axis=1), 1)
    some = sells.any(axis=1) & often
    usual = np.full(len(full), np.inf)
    if some.any():
        usual[some] = np.nanquantile(depth[some], USUAL_QUANTILE, axis=1)
    return np.asarray(sells & (np.nan_to_num(depth) >= usual[:, None] + PROMOTED_DEPTH), dtype=np.bool_)


def _about(values: Units) -> Units:
    """The sum over the week around each day: days without a sale belong to what happened around them."""
    half = WEEK // 2
    sums = np.cumsum(np.pad(values, ((0, 0), (half + 1, half))), axis=1)
    return np.asarray(sums[:, WEEK:] - sums[:, :-WEEK])


def _out(sold: Units, moved: Units, came_in: Flags, closing: Units) -> Flags:
    """Days that began and ended with nothing and sold nothing, counted back from what is there now."""
    at_close = closing[:, None] - (moved.sum(axis=1, keepdims=True) - np.cumsum(moved, axis=1))
    nothing = (at_close - moved <= 0) & (at_close <= 0)
    sale_days = sold > 0
    wrong = (nothing & sale_days).sum(axis=1) > BOOKS_WRONG_SHARE * np.maximum(sale_days.sum(axis=1), 1)
    supplied = np.cumsum(came_in, axis=1) > 0  # before the first delivery the books knew nothing
    return np.asarray(nothing & ~sale_days & supplied & ~wrong[:, None], dtype=np.bool_)


def _trusted(skus: tuple[str, ...], stock: Mapping[str, StockNow], first_day: date, days: int) -> Flags:
    """A count corrects the books of its day: what they said before it cannot be counted back."""
    begin = np.zeros(len(skus), dtype=np.int64)
    for at, sku in enumerate(skus):
        since = stock[sku].trusted_from if sku in stock else None
        begin[at] = 0 if since is None else (since - first_day).days + 1
    return np.asarray(np.arange(days)[None, :] >= begin[:, None], dtype=np.bool_)
