"""How many orders a member has finished: what promotions of the n-th order ask for.

    {"orders", "marks": {series: …}}

Every sale with the member on it is one; what comes back later was ordered all the same, so that nobody is
a new member twice.
"""

from __future__ import annotations

from pos_core.sync.folds.facts import MemberOrdered
from pos_core.sync.folds.fold import Fold, State
from pos_core.sync.folds.stamp import already, marked

EMPTY: State = {"orders": 0, "marks": {}}


def apply(state: State | None, fact: MemberOrdered) -> State:
    """With one more order."""
    before = state or EMPTY
    if already(before["marks"], fact.stamp):
        return before
    return {"orders": before["orders"] + 1, "marks": marked(before["marks"], fact.stamp)}


def orders_of(state: State | None) -> int:
    """Finished orders; 0 of somebody who never bought."""
    return int(state["orders"]) if state else 0


FOLD = Fold("orders", (MemberOrdered,), lambda fact: str(fact.member_id), apply)
