"""A held basket and what became of it.

{"held": [stamp, …], "recalled": [stamp, …], "dropped": [stamp, …],
 "paid": {document: [stamp, store_id, total_minor]}}
"""

from __future__ import annotations

from pos_core.sync.folds.facts import BasketStep
from pos_core.sync.folds.fold import Fold, State

EMPTY: State = {"held": [], "recalled": [], "dropped": [], "paid": {}}


def apply(state: State | None, fact: BasketStep) -> State:
    """With one more step."""
    before = state or EMPTY
    stamp = fact.stamp.as_value()
    if fact.step == "paid":
        paid = {**before["paid"], fact.stamp.document: [stamp, fact.store_id, fact.total_minor]}
        return {**before, "paid": paid}
    if stamp in before[fact.step]:
        return before
    return {**before, fact.step: sorted([*before[fact.step], stamp])}


def is_open(state: State | None) -> bool:
    """Whether it may still be recalled: held last, and neither paid nor dropped since."""
    if state is None or state["paid"] or not state["held"]:
        return False
    return bool(max(state["held"]) > max([*state["recalled"], *state["dropped"]], default=[""]))


FOLD = Fold("held_basket", (BasketStep,), lambda fact: str(fact.held_id), apply)
