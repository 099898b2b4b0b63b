"""A reservation's steps, all that are known.

    {"steps": {"document": [stamp, step, at_store, for_store, {sku: milli}, until_ms]}}

Only the step `made` has lines and an end. What they mean together is
`pos_core.stock.reservation.reservation_of`: it depends on the set alone.
"""

from __future__ import annotations

from pos_core.sync.folds.facts import ReservationMoved
from pos_core.sync.folds.fold import Fold, State


def apply(state: State | None, fact: ReservationMoved) -> State:
    """With one more step."""
    steps = dict(state["steps"]) if state else {}
    steps[fact.stamp.document] = [
        fact.stamp.as_value(),
        fact.step,
        fact.at_store,
        fact.for_store,
        dict(fact.lines),
        fact.until_ms,
    ]
    return {"steps": steps}


FOLD = Fold("reservation", (ReservationMoved,), lambda fact: fact.reservation_id, apply)
