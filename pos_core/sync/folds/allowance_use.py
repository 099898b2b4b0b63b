"""An allowance as head office sees it: granted, accepted, handed over, used, ended.

    {"steps": [[stamp, step, amount, used, other, store_id], …],
     "spent": {series: {"units", "newest": [[stamp, units, store_id], …], "mark": [number, place]}}}

What follows from it (what is out, the worst case) is `pos_core.sync.allowance_ledger`.
"""

from __future__ import annotations

from typing import Any

from pos_core.sync.folds.facts import AllowanceSpent, AllowanceStep
from pos_core.sync.folds.fold import Fold, State

NEWEST_KEPT = 32

EMPTY: State = {"steps": [], "spent": {}}


def apply(state: State | None, fact: AllowanceStep | AllowanceSpent) -> State:
    """With one more step or use."""
    before = state or EMPTY
    stamp = fact.stamp.as_value()
    if isinstance(fact, AllowanceStep):
        step = [stamp, fact.step, fact.amount, fact.used, fact.other, fact.store_id]
        if step in before["steps"]:
            return before
        return {**before, "steps": sorted([*before["steps"], step])}
    series = fact.stamp.series
    known: dict[str, Any] = before["spent"].get(series) or {"units": 0, "newest": [], "mark": [0, 0]}
    mark = [fact.stamp.number, fact.stamp.place]
    if mark <= known["mark"]:
        return before
    after = {
        "units": known["units"] + fact.units,
        "newest": sorted([*known["newest"], [stamp, fact.units, fact.store_id]])[-NEWEST_KEPT:],
        "mark": mark,
    }
    return {**before, "spent": {**before["spent"], series: after}}


def spent_units(state: State | None) -> int:
    """All that documents say was used."""
    return sum(entry["units"] for entry in state["spent"].values()) if state else 0


FOLD = Fold("allowance_use", (AllowanceStep, AllowanceSpent), lambda fact: str(fact.allowance_id), apply)
