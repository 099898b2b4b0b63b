"""Stock on hand of one SKU at one store: the newest count plus every movement outside its cut.

    {"count": group | null, "before": group | null, "past": [session, …],
     "series": {series: {"outside": milli, "between": milli, "floor": [number, place, hlc] | null,
                         "open": [[number, place, hlc, milli, side], …],
                         "doubtful": [[number, place, milli], …]}}}

A count asserts what lay there; its cut says which movements it already saw (`count_group`). The newest
group stands. A late sale from before its cut changes nothing on hand, only the count's variance: what was
counted against the group before it and all movements between the two. Where the cut had to be drawn by
clock, a movement within DOUBTFUL_MS of the count is summed by the rule and flagged for a person.

Each series keeps its newest OPEN_KEPT movements one by one; older ones are two sums (`outside` the standing
group; `between` the group before and it), which is all that the two groups need. What would cut among the
summed ones, or wake a session that is past, raises NeedsHistory.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pos_core.sync.folds.count_group import (
    DOUBTFUL_MS,
    RANK,
    SESSION,
    TOTAL,
    Group,
    group_of,
    inside,
    inside_all,
    is_doubtful,
    joined,
    maybe_doubtful,
    session_of,
    side_of,
)
from pos_core.sync.folds.facts import Counted, StockMoved
from pos_core.sync.folds.fold import Fold, NeedsHistory, State

OPEN_KEPT = 8

EMPTY: State = {"count": None, "before": None, "past": [], "series": {}}
_NEW: Mapping[str, Any] = {"outside": 0, "between": 0, "floor": None, "open": [], "doubtful": []}


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
    total: int = 0 if state["count"] is None else state["count"][TOTAL]
    for series, kept in state["series"].items():
        total += kept["outside"]
        total += sum(each[3] for each in kept["open"] if not inside(state["count"], series, each))
    return total


def expected(state: State) -> int:
    """What the books, as they are known now, say to the standing count. Only of a state that has one."""
    assert state["count"] is not None
    total: int = 0 if state["before"] is None else state["before"][TOTAL]
    for series, kept in state["series"].items():
        total += kept["between"]
        total += sum(each[3] for each in kept["open"] if _is_between(state, series, each))
    return total


def doubtful(state: State | None) -> list[tuple[str, int, int, int]]:
    """Movements that nobody can place beside the count: series, number, place, quantity_milli."""
    found: list[tuple[str, int, int, int]] = []
    for series, kept in sorted(state["series"].items()) if state else ():
        found.extend((series, *each) for each in kept["doubtful"])
        found.extend(
            (series, each[0], each[1], each[3])
            for each in kept["open"]
            if is_doubtful(state["count"] if state else None, series, each)
        )
    return found


def _is_between(state: State, series: str, moved: list[Any]) -> bool:
    return inside(state["count"], series, moved) and not inside(state["before"], series, moved)


def _move(before: State, fact: StockMoved) -> State:
    stamp, series = fact.stamp, fact.stamp.series
    kept = before["series"].get(series, _NEW)
    last = kept["open"][-1][:2] if kept["open"] else (kept["floor"] or [0, 0])[:2]
    if [stamp.number, stamp.place] <= last:
        return before
    after = dict(kept)
    moved = [stamp.number, stamp.place, stamp.hlc, fact.quantity_milli, side_of(fact.reason)]
    after["open"] = [*kept["open"], moved]
    if len(after["open"]) > OPEN_KEPT:
        _sum_up_oldest(after, before, series)
    return {**before, "series": {**before["series"], series: after}}


def _sum_up_oldest(kept: dict[str, Any], state: State, series: str) -> None:
    """Moves the oldest open movement into the sums. `floor` has the highest clock of all summed ones."""
    oldest, kept["open"] = kept["open"][0], kept["open"][1:]
    if not inside(state["count"], series, oldest):
        kept["outside"] += oldest[3]
    if _is_between(state, series, oldest):
        kept["between"] += oldest[3]
    if is_doubtful(state["count"], series, oldest):
        kept["doubtful"] = [*kept["doubtful"], [oldest[0], oldest[1], oldest[3]]]
    hlc = oldest[2] if kept["floor"] is None else max(kept["floor"][2], oldest[2])
    kept["floor"] = [oldest[0], oldest[1], hlc]


def _count(state: State, fact: Counted) -> State:
    count, before, past = _ranked(state, fact)
    after = {"count": count, "before": before, "past": past, "series": state["series"]}
    if count != state["count"] or before != state["before"]:
        after["series"] = {
            series: _resummed(state, count, before, series, kept) for series, kept in state["series"].items()
        }
    return after


def _ranked(state: State, fact: Counted) -> tuple[Group, Group | None, list[str]]:
    """The two newest groups with one more part, and the names of the sessions that are past."""
    session = session_of(fact)
    known = [group for group in (state["count"], state["before"]) if group is not None]
    past: list[str] = state["past"]
    if session in past:
        if fact.stamp.as_value() > known[-1][RANK]:
            raise NeedsHistory
        return known[0], known[1], past
    groups = [joined(group, fact) if group[SESSION] == session else group for group in known]
    if all(group[SESSION] != session for group in known):
        groups.append(group_of(fact))
    groups.sort(key=lambda group: group[RANK], reverse=True)
    if len(groups) > 2:
        past = sorted({*past, groups[2][SESSION]})
    return groups[0], groups[1] if len(groups) > 1 else None, past


def _resummed(
    state: State, count: Group, before: Group | None, series: str, kept: Mapping[str, Any]
) -> Mapping[str, Any]:
    """The sums of a series under other groups; what cannot be told from the sums raises NeedsHistory."""
    floor = kept["floor"]
    if floor is None:
        return kept
    if count == state["count"]:
        _require(inside_all(before, series, floor))
        return {**kept, "between": 0}
    _require(inside_all(count, series, floor) and not maybe_doubtful(count, series, floor[2]))
    if before == state["count"]:
        between = kept["outside"]
    elif before == state["before"]:
        _require(inside_all(state["count"], series, floor))
        between = kept["between"]
    else:
        _require(inside_all(before, series, floor))
        between = 0
    return {**kept, "outside": 0, "between": between, "doubtful": []}


def _require(told: bool) -> None:
    if not told:
        raise NeedsHistory


FOLD = Fold("stock", (StockMoved, Counted), lambda fact: stock_key(fact.store_id, fact.sku), apply)

__all__ = ["DOUBTFUL_MS", "FOLD", "OPEN_KEPT", "apply", "doubtful", "expected", "on_hand", "stock_key"]
