"""What to order, and why: head office's nightly forecast beside what lies here and what is on its way.

An item should last until the delivery after the next could be here: over its lead time and the days until one
orders again. What is expected to be sold by then and the safety stock are its reorder point; where less than
that is here or coming, the difference is suggested, in whole packs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from pos_core.quantity import PIECE_MILLI

SourceKind = Literal["supplier", "warehouse", ""]
Method = Literal["regular", "intermittent", "new", "none"]
"""How an item sells: often, now and then, not long enough to tell, or not at all."""
Raised = Literal["", "pack", "minimum"]
Alert = Literal["out", "low", "over", "still"]
"""Nothing here; not enough until an order of today could come; far too much; it does not sell."""
WEEK = 7
DAYS_MAX = 366


@dataclass(frozen=True, slots=True)
class Supply:
    """Where a store gets an item, as head office settled it.

    Attributes:
        source_id: supplier, or warehouse (a store's id); `source_kind` "" is nowhere.
        lead_days: from ordering to having it on the shelf.
        review_days: from one order to the next.
        pack_milli: what is ordered comes in multiples of this; minimum_milli: at least.
        unit_cost_minor: agreed with the supplier, per piece or kg.
    """

    source_kind: SourceKind = ""
    source_id: str = ""
    lead_days: int = 1
    review_days: int = 1
    pack_milli: int = PIECE_MILLI
    minimum_milli: int = 0
    unit_cost_minor: int | None = None

    @property
    def covered_days(self) -> int:
        """What is ordered now must last so long."""
        return min(DAYS_MAX, max(1, self.lead_days + self.review_days))


@dataclass(frozen=True, slots=True)
class Outlook:
    """What an item is expected to do.

    Attributes:
        weekday_milli: expected to be sold on a Monday, Tuesday …
        safety_milli: kept above what is expected, so that the chain's service level is reached.
        uplift_ppm: how many times as much sells on a day of a promotion (1,000,000: no difference).
        seen_days, sale_days, out_days: what it rests on; days known to be without stock are left out.
        sold_minor: taken for it in the whole store in the `VALUE_DAYS` before; None where nobody said.
    """

    sku: str
    weekday_milli: tuple[int, ...]
    safety_milli: int
    supply: Supply
    method: Method = "none"
    service_ppm: int = 0
    uplift_ppm: int = 1_000_000
    seen_days: int = 0
    sale_days: int = 0
    out_days: int = 0
    sold_minor: int | None = None

    def demand_milli(self, first_day: date, days: int) -> int:
        """Expected from `first_day` on, both ends included."""
        weeks, rest = divmod(max(0, days), WEEK)
        begin = first_day.weekday()
        odd = sum(self.weekday_milli[(begin + each) % WEEK] for each in range(rest))
        return weeks * sum(self.weekday_milli) + odd


@dataclass(frozen=True, slots=True)
class Position:
    """What there is of an item. `leaving_milli`: promised, and not yet gone."""

    on_hand_milli: int
    coming_milli: int = 0
    leaving_milli: int = 0

    @property
    def counted_milli(self) -> int:
        """What can be reckoned with. Below zero are papers that are missing, not goods that are owed."""
        return max(0, self.on_hand_milli) + self.coming_milli - self.leaving_milli


@dataclass(frozen=True, slots=True)
class Suggestion:
    """How much to order of an item, and every figure that leads there.

    Attributes:
        reorder_milli: forecast + safety: below it something is to be ordered.
        needed_milli: what is missing to it; suggested_milli: the same in whole packs.
        raised: why more is suggested than is needed.
    """

    outlook: Outlook
    position: Position
    days: int
    forecast_milli: int
    reorder_milli: int
    needed_milli: int
    suggested_milli: int
    raised: Raised

    @property
    def sku(self) -> str:
        """The item."""
        return self.outlook.sku

    def why(self) -> dict[str, int]:
        """The figures that go with an order."""
        return {
            "on_hand_milli": self.position.on_hand_milli,
            "coming_milli": self.position.coming_milli,
            "forecast_milli": self.forecast_milli,
            "safety_milli": self.outlook.safety_milli,
        }


def suggest(outlook: Outlook, position: Position, today: date) -> Suggestion:
    """`today` is not sold out yet: it counts as a whole day, so that an order of the morning is enough."""
    supply = outlook.supply
    days = supply.covered_days
    forecast_milli = outlook.demand_milli(today, days)
    reorder_milli = forecast_milli + outlook.safety_milli
    needed_milli = max(0, reorder_milli - position.counted_milli)
    suggested_milli, raised = in_packs(needed_milli, supply)
    return Suggestion(
        outlook, position, days, forecast_milli, reorder_milli, needed_milli, suggested_milli, raised
    )


def in_packs(needed_milli: int, supply: Supply) -> tuple[int, Raised]:
    """What must be ordered to have so much more: whole packs, at least the minimum. Nothing stays nothing."""
    if needed_milli <= 0:
        return 0, ""
    pack_milli = max(1, supply.pack_milli)
    packs_milli = -(-max(needed_milli, supply.minimum_milli) // pack_milli) * pack_milli
    if needed_milli < supply.minimum_milli:
        return packs_milli, "minimum"
    whole = -(-needed_milli // PIECE_MILLI) * PIECE_MILLI
    return packs_milli, "pack" if packs_milli > max(needed_milli, whole) else ""


@dataclass(frozen=True, slots=True)
class StockAlert:
    """An item that a person should look at.

    Attributes:
        days_left: whole days until it is sold out as expected; None: not within a year.
        excess_milli: above what is sold in the policy's days, of `over` and `still`.
    """

    sku: str
    alert: Alert
    position: Position
    days_left: int | None
    excess_milli: int = 0


def alert_of(outlook: Outlook, position: Position, today: date, *, over_days: int) -> StockAlert | None:
    """What is wrong with an item's stock; None: nothing."""
    here_milli = max(0, position.on_hand_milli)
    selling = sum(outlook.weekday_milli) > 0
    lead_days = max(1, outlook.supply.lead_days)
    if selling and here_milli < PIECE_MILLI and here_milli < outlook.demand_milli(today, WEEK):
        return StockAlert(outlook.sku, "out", position, 0)
    if selling and here_milli < outlook.demand_milli(today, lead_days):
        return StockAlert(outlook.sku, "low", position, days_left(outlook, here_milli, today))
    enough_milli = outlook.demand_milli(today, over_days) + outlook.safety_milli
    excess_milli = here_milli - enough_milli
    known = outlook.seen_days >= over_days
    if excess_milli < PIECE_MILLI or excess_milli < outlook.supply.pack_milli or not known:
        return None  # within a pack of enough, or too new to tell
    left = days_left(outlook, here_milli, today)
    return StockAlert(outlook.sku, "over" if selling else "still", position, left, excess_milli)


def days_left(outlook: Outlook, here_milli: int, today: date) -> int | None:
    """Whole days that so much lasts; None: a year and more."""
    week_milli = sum(outlook.weekday_milli)
    if week_milli <= 0 or here_milli >= outlook.demand_milli(today, DAYS_MAX):
        return None
    days = here_milli // week_milli * WEEK
    while outlook.demand_milli(today, days + 1) <= here_milli:
        days += 1
    return days


def spare_milli(outlook: Outlook | None, on_hand_milli: int, today: date, keep_days: int) -> int:
    """What a place can give away and still sell as expected for `keep_days`, safety stock included."""
    kept_milli = 0
    if outlook is not None:
        kept_milli = outlook.demand_milli(today, keep_days) + outlook.safety_milli
    return max(0, on_hand_milli - kept_milli) // PIECE_MILLI * PIECE_MILLI


def outlook_from(row: Sequence[object], values: Mapping[str, object]) -> Outlook:
    """From a row `replenishment` in the order of its columns; `values` is its decoded `basis`."""
    sku, weekday, safety, kind, source_id, lead, review, pack, minimum, cost = row[:10]
    assert isinstance(weekday, list)
    supply = Supply(
        kind if kind in ("supplier", "warehouse") else "",
        str(source_id),
        _whole(lead),
        _whole(review),
        max(1, _whole(pack)),
        _whole(minimum),
        None if cost is None else _whole(cost),
    )
    method, sold_minor = values.get("method"), values.get("sold_minor")
    figures = {
        name: _whole(values.get(name, 0))
        for name in ("service_ppm", "uplift_ppm", "seen_days", "sale_days", "out_days")
    }
    return Outlook(
        sku=str(sku),
        weekday_milli=tuple(_whole(each) for each in weekday[:WEEK]) + (0,) * (WEEK - len(weekday[:WEEK])),
        safety_milli=_whole(safety),
        supply=supply,
        method=method if method in ("regular", "intermittent", "new") else "none",
        sold_minor=None if sold_minor is None else _whole(sold_minor),
        **figures,
    )


def _whole(value: object) -> int:
    return value if isinstance(value, int) and value >= 0 else 0
