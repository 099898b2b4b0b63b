"""Stock on hand of one SKU at one store: the newest count plus every movement outside its cut.

    {"count": [stamp, counted_milli, cut] | null,
     "series": {series: {"outside": milli, "floor": [number, place, hlc] | null,
                         "open": [[number, place, hlc, milli], …], "doubtful": [[number, place, milli], …]}}}

A count asserts what lay there; its cut says which movements it already saw. The newest count by hybrid
clock stands. A late sale from before the cut changes nothing on hand. Where the cut had to be drawn by
clock, a movement within DOUBTFUL_MS of the count is summed by the rule and flagged for a person.

Each series keeps its newest OPEN_KEPT movements one by one; older ones are one sum (`outside`), which is
all that the standing count needs. A new count whose cut lies among the summed ones raises NeedsHistory.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pos_core.sync.folds.facts import Counted, StockMoved
from pos_core.sync.folds.fold import Fold, NeedsHistory, State
from pos_core.sync.folds.stamp import hlc_ms

OPEN_KEPT = 8
DOUBTFUL_MS = 5 * 60 * 1000

EMPTY: State = {"count": None, "series": {}}
_NEW: Mapping[str, Any] = {"outside": 0, "floor": None, "open": [], "doubtful": []}


def stock_key(store_id: str, sku: str) -> str:
    """`store_id/sku`; a SKU may hold a slash, a store id does not."""
    return f"{store_id}/{sku}"


def apply(state: State | None, fact: StockMoved | Counted) -> State:
    """With one more movement or count. Raises NeedsHistory."""
    before = state or EMPTY
    return _count(before, fact) if isinstance(fact, Counted) else _move(before, fact)


def on_hand(state: State | None) -> int:
    """Thousandths; may be below zero, because goods leave before papers arrive."""
    if state is None:
        return 0
    total: int = 0 if state["count"] is None else state["count"][1]
    for series, kept in state["series"].items():
        total += kept["outside"]
        total += sum(each[3] for each in kept["open"] if not _inside(state["count"], series, each))
    return total


def doubtful(state: State | None) -> list[tuple[str, int, int, int]]:
    """Movements too near to the count's clock to be sure of: series, number, place, quantity_milli."""
    found: list[tuple[str, int, int, int]] = []
    for series, kept in sorted(state["series"].items()) if state else ():
        found.extend((series, *each) for each in kept["doubtful"])
        found.extend(
            (series, each[0], each[1], each[3])
            for each in kept["open"]
            if _is_doubtful(state["count"] if state else None, series, each)
        )
    return found


def _move(before: State, fact: StockMoved) -> State:
    stamp, series = fact.stamp, fact.stamp.series
    kept = before["series"].get(series, _NEW)
    last = kept["open"][-1][:2] if kept["open"] else (kept["floor"] or [0, 0])[:2]
    if [stamp.number, stamp.place] <= last:
        return before
    after = dict(kept)
    after["open"] = [*kept["open"], [stamp.number, stamp.place, stamp.hlc, fact.quantity_milli]]
    if len(after["open"]) > OPEN_KEPT:
        _sum_up_oldest(after, before["count"], series)
    return {**before, "series": {**before["series"], series: after}}


def _sum_up_oldest(kept: dict[str, Any], count: list[Any] | None, series: str) -> None:
    """Moves the oldest open movement into the sum. `floor` has the highest clock of all summed ones."""
    oldest, kept["open"] = kept["open"][0], kept["open"][1:]
    if not _inside(count, series, oldest):
        kept["outside"] += oldest[3]
    if _is_doubtful(count, series, oldest):
        kept["doubtful"] = [*kept["doubtful"], [oldest[0], oldest[1], oldest[3]]]
    hlc = oldest[2] if kept["floor"] is None else max(kept["floor"][2], oldest[2])
    kept["floor"] = [oldest[0], oldest[1], hlc]


def _count(before: State, fact: Counted) -> State:
    count = [fact.stamp.as_value(), fact.counted_milli, dict(fact.cut)]
    if before["count"] is not None and count[0] <= before["count"][0]:
        return before
    series_after = {}
    for series, kept in before["series"].items():
        floor = kept["floor"]
        if floor is not None:
            if not _inside(count, series, floor):
                raise NeedsHistory
            if series not in fact.cut and hlc_ms(floor[2]) >= hlc_ms(fact.stamp.hlc) - DOUBTFUL_MS:
                raise NeedsHistory
        series_after[series] = {**kept, "outside": 0, "doubtful": []}
    return {"count": count, "series": series_after}


def _inside(count: list[Any] | None, series: str, moved: list[Any]) -> bool:
    """Whether the count saw this movement: by number where it had heard the series, else by clock."""
    if count is None:
        return False
    number, _, hlc = moved[:3]
    if series in count[2]:
        return bool(number <= count[2][series])
    return bool(hlc <= count[0][0])


def _is_doubtful(count: list[Any] | None, series: str, moved: list[Any]) -> bool:
    if count is None or series in count[2]:
        return False
    return abs(hlc_ms(moved[2]) - hlc_ms(count[0][0])) <= DOUBTFUL_MS


FOLD = Fold("stock", (StockMoved, Counted), lambda fact: stock_key(fact.store_id, fact.sku), apply)
