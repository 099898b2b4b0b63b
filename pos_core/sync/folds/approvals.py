"""What second persons let an operator do on a business day at a store.

    {"kinds": {kind: count}, "approvers": {employee: count}, "own": [document, …], "marks": {series: …}}

Nobody approves himself; a document in which somebody did is kept, like every fact, and listed in `own`.
"""

from __future__ import annotations

from pos_core.sync.folds.facts import Approved
from pos_core.sync.folds.fold import Fold, State
from pos_core.sync.folds.stamp import already, marked

EMPTY: State = {"kinds": {}, "approvers": {}, "own": [], "marks": {}}


def approval_key(store_id: str, business_day: str, operator_id: str) -> str:
    """`store_id/business_day/operator_id`."""
    return f"{store_id}/{business_day}/{operator_id}"


def apply(state: State | None, fact: Approved) -> State:
    """With one more approval."""
    before = state or EMPTY
    if already(before["marks"], fact.stamp):
        return before
    kinds, approvers = before["kinds"], before["approvers"]
    own = before["own"]
    if fact.operator_id and fact.approved_by == fact.operator_id:
        own = sorted([*own, fact.stamp.document])
    return {
        "kinds": {**kinds, fact.kind: kinds.get(fact.kind, 0) + 1},
        "approvers": {**approvers, fact.approved_by: approvers.get(fact.approved_by, 0) + 1},
        "own": own,
        "marks": marked(before["marks"], fact.stamp),
    }


FOLD = Fold(
    "approvals",
    (Approved,),
    lambda fact: approval_key(fact.store_id, fact.business_day, fact.operator_id),
    apply,
)
