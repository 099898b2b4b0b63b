"""Stored value of an account (a member's purse or a card): the sum of its ledger, by kind.

    {"sums": {kind: minor}, "spends": [[stamp, minor, store_id, authority], …], "marks": {series: …}}

Kept as points are (`pos_core.sync.folds.points`): the newest SPENDS_KEPT redemptions stay one by one for a
ruling on who overdrew; the sum never forgets anything. Money paid out is a redemption like money spent: two
stores that pay the same card out while offline have overdrawn it.
"""

from __future__ import annotations

from pos_core.sync.folds.facts import StoredValueMoved
from pos_core.sync.folds.fold import Fold, State
from pos_core.sync.folds.stamp import already, marked

SPENDS_KEPT = 32
REDEEMED = frozenset({"spent", "paid_out"})

EMPTY: State = {"sums": {}, "spends": [], "marks": {}}


def apply(state: State | None, fact: StoredValueMoved) -> State:
    """With one more movement."""
    before = state or EMPTY
    if already(before["marks"], fact.stamp):
        return before
    sums = {**before["sums"], fact.kind: before["sums"].get(fact.kind, 0) + fact.amount_minor}
    spends = before["spends"]
    if fact.kind in REDEEMED:
        spend = [fact.stamp.as_value(), -fact.amount_minor, fact.store_id, fact.authority]
        spends = sorted([*spends, spend])[-SPENDS_KEPT:]
    return {"sums": sums, "spends": spends, "marks": marked(before["marks"], fact.stamp)}


def balance_minor(state: State | None) -> int:
    """What is on the account; below zero where more was spent than put in."""
    return sum(state["sums"].values()) if state else 0


FOLD = Fold("stored_value", (StoredValueMoved,), lambda fact: str(fact.account_id), apply)
