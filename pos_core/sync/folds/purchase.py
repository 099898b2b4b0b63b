"""The steps of an order to a supplier, all that are known, of one store.

    {"steps": {"document": [stamp, step, {sku: milli}, detail | null]}}

`detail` is a placed order's supplier, day and costs. What they mean together is
`pos_core.stock.purchase.purchases_of`: it depends on the set alone.
"""

from __future__ import annotations

from pos_core.sync.folds.facts import OrderMoved
from pos_core.sync.folds.fold import Fold, State


def apply(state: State | None, fact: OrderMoved) -> State:
    """With one more step."""
    steps = dict(state["steps"]) if state else {}
    detail = None if fact.detail is None else dict(fact.detail)
    steps[fact.stamp.document] = [fact.stamp.as_value(), fact.step, dict(fact.lines), detail]
    return {"steps": steps}


def key(store_id: str, order_id: str) -> str:
    """Orders are a store's own: another store may give the same number."""
    return f"{store_id}/{order_id}"


FOLD = Fold("purchase", (OrderMoved,), lambda fact: key(fact.store_id, fact.order_id), apply)
