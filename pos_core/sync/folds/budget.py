"""What was spent of a budget or limit.

    {"uses", "amount_minor", "newest": [[stamp, store_id, uses, amount_minor], …], "marks": {series: …}}

The newest NEWEST_KEPT are kept one by one, for a ruling on who went over; the sums have all, less what
returns gave back. Whoever keeps states needs them only for budgets that a limit exists for.
"""

from __future__ import annotations

from pos_core.sync.folds.facts import BudgetSpent
from pos_core.sync.folds.fold import Fold, State
from pos_core.sync.folds.stamp import already, marked

NEWEST_KEPT = 64

EMPTY: State = {"uses": 0, "amount_minor": 0, "newest": [], "marks": {}}


def apply(state: State | None, fact: BudgetSpent) -> State:
    """With one more use."""
    before = state or EMPTY
    if already(before["marks"], fact.stamp):
        return before
    newest = before["newest"]
    if fact.uses > 0 or fact.amount_minor > 0:
        entry = [fact.stamp.as_value(), fact.store_id, fact.uses, fact.amount_minor]
        newest = sorted([*newest, entry])[-NEWEST_KEPT:]
    return {
        "uses": before["uses"] + fact.uses,
        "amount_minor": before["amount_minor"] + fact.amount_minor,
        "newest": newest,
        "marks": marked(before["marks"], fact.stamp),
    }


FOLD = Fold("budget", (BudgetSpent,), lambda fact: str(fact.budget_id), apply)
