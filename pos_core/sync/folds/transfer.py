"""A transfer's steps, all that are known.

    {"steps": {"document": [stamp, step, from_store, to_store, {sku: milli}, shipment | null]}}

What they mean together is `pos_core.stock.transfer.view_of`: it depends on the set alone.
"""

from __future__ import annotations

from pos_core.sync.folds.facts import TransferMoved
from pos_core.sync.folds.fold import Fold, State


def apply(state: State | None, fact: TransferMoved) -> State:
    """With one more step."""
    steps = dict(state["steps"]) if state else {}
    steps[fact.stamp.document] = [
        fact.stamp.as_value(),
        fact.step,
        fact.from_store,
        fact.to_store,
        dict(fact.lines),
        fact.shipment,
    ]
    return {"steps": steps}


FOLD = Fold("transfer", (TransferMoved,), lambda fact: fact.transfer_id, apply)
