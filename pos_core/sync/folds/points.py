"""A member's points: the sum of the ledger, by kind; claw-back by returns is listed apart.

    {"sums": {kind: points}, "spends": [[stamp, points, store_id, authority], …], "marks": {series: …}}

`spends` holds the newest SPENDS_KEPT redemptions, for a ruling on who overdrew; the newest of a set are
the same in whatever order the set is made. The sum never forgets anything.
"""

from __future__ import annotations

from pos_core.sync.folds.facts import PointsMoved
from pos_core.sync.folds.fold import Fold, State
from pos_core.sync.folds.stamp import already, marked

SPENDS_KEPT = 32

EMPTY: State = {"sums": {}, "spends": [], "marks": {}}


def apply(state: State | None, fact: PointsMoved) -> State:
    """With one more movement."""
    before = state or EMPTY
    if already(before["marks"], fact.stamp):
        return before
    sums = dict(before["sums"])
    sums[fact.kind] = sums.get(fact.kind, 0) + fact.points
    spends = before["spends"]
    if fact.kind == "spent":
        spend = [fact.stamp.as_value(), -fact.points, fact.store_id, fact.authority]
        spends = sorted([*spends, spend])[-SPENDS_KEPT:]
    return {"sums": sums, "spends": spends, "marks": marked(before["marks"], fact.stamp)}


def balance(state: State | None) -> int:
    """The sum of the ledger; below zero when more was spent or clawed back than earned."""
    return sum(state["sums"].values()) if state else 0


def clawed_back(state: State | None) -> int:
    """Points that returns took back, zero or above: listed apart from redemption."""
    return -state["sums"].get("clawed_back", 0) if state else 0


def above_redemptions(state: State | None) -> int:
    """The balance had nothing been clawed back; below zero: overdrawn by redemption alone."""
    return balance(state) + clawed_back(state)


def overdrawn(state: State | None) -> int:
    """Points below zero by redemption alone: what would be owed had nothing been clawed back."""
    return max(0, -above_redemptions(state))


FOLD = Fold("points", (PointsMoved,), lambda fact: str(fact.member_id), apply)
