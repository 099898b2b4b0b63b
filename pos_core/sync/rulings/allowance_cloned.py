"""An allowance that let go more than it holds: two clones of one machine, an old image, a part in two hands.

A series holds an allowance once it journaled `accepted` or `taken_over`. When several accepted the same
grant, the first by hybrid clock is the holder. One ruling for each use of the others. A holder by right that
used or passed on more than it held answers with its newest uses; a part that two series took over was the
first one's.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from pos_core.sync.allowance_ledger import measure_of
from pos_core.sync.folds.fold import State
from pos_core.sync.folds.stamp import Stamp, stamp_from
from pos_core.sync.rulings.ruling import Ruling, borne_by, stores_of
from pos_core.sync.rulings.terms import Terms

RULE = "allowance_cloned"


def holders(state: State) -> frozenset[str]:
    """Series keys that hold, or held, the allowance by right."""
    accepted = [each["accepted"][0] for each in state["holders"].values() if each["accepted"]]
    taken = {series for series, each in state["holders"].items() if each["taken"]}
    first = {stamp_from(min(accepted)).series} if accepted else set()
    return frozenset(first | taken)


def rule(key: str, state: State, terms: Terms) -> tuple[Ruling, ...]:
    """`key` is the allowance id; it begins with its kind: `points/`, `coupon/`, `budget/` …"""
    rightful = holders(state)
    if not rightful:
        return ()  # nobody's acceptance has arrived yet: there is nobody to take sides with
    right_documents = [
        stamp_from(each[0]).document
        for series, spent in sorted(state["spent"].items())
        if series in rightful
        for each in spent["newest"]
    ]
    found = []
    for series, spent in sorted(state["spent"].items()):
        if series in rightful:
            continue
        for stamp_value, units, store_id in spent["newest"]:
            stamp = stamp_from(stamp_value)
            use = _Use(stamp, units, store_id)
            found.append(
                _ruling(
                    key, "allowance_used_by_two", use, terms, stands=tuple(dict.fromkeys(right_documents))
                )
            )
    return (*found, *_overspent(key, state, rightful, terms))


class _Use(NamedTuple):
    stamp: Stamp
    units: int
    store_id: str


def _overspent(key: str, state: State, rightful: frozenset[str], terms: Terms) -> Iterator[Ruling]:
    """What holders by right let go beyond what they had, each by its newest uses."""
    for series in sorted(rightful):
        over = _lacking(series, state)
        spent = state["spent"].get(series)
        for use in reversed(_uses(spent) if spent and over else []):
            units = min(over, use.units)
            over -= units
            yield _ruling(key, "allowance_overspent", use._replace(units=units), terms)
            if not over:
                break


def _lacking(series: str, state: State) -> int:
    """How much more than it held a series used, passed on and gave up."""
    holder = state["holders"].get(series)
    if holder is None:
        return 0
    held = (holder["accepted"][1] if holder["accepted"] else 0) + holder["taken_over"]
    spent = state["spent"].get(series)
    gone = (spent["units"] if spent else 0) + holder["handed_over"] + holder["given_up"]
    return max(0, int(gone - held + _taken_second(series, state)))


def _taken_second(series: str, state: State) -> int:
    """Units of parts that another series had taken over before."""
    return sum(
        takers[series][1]
        for takers in (state.get("transfers") or {}).values()
        if series in takers and min(takers.values())[0] != takers[series][0]
    )


def _uses(spent: State) -> list[_Use]:
    return [_Use(stamp_from(stamp), units, store_id) for stamp, units, store_id in spent["newest"]]


def _ruling(key: str, cause: str, use: _Use, terms: Terms, *, stands: tuple[str, ...] = ()) -> Ruling:
    kind = measure_of(key)
    return Ruling(
        RULE,
        key,
        cause,
        stands=stands,
        against=(use.stamp.document,),
        place=use.stamp.place,
        cost_minor=use.units if kind in ("budget", "stored_value") else 0,
        points=use.units if kind == "points" else 0,
        bearer=borne_by(terms.bearer(RULE), use.store_id),
        reaches=stores_of(use.store_id),
        detail=(("units", use.units),),
    )
