"""The label of an item at one store: for which price it was printed last, and which hangs.

    {"printed": [stamp, price_minor] | null, "hung": [stamp, price_minor, hangs] | null}

Each register is the maximum by stamp, so any order of arrival and any doubles end in the same state. What
they mean for a label that is due is `pos_core.stock.shelf_label.marks_of`.
"""

from __future__ import annotations

from typing import Any

from pos_core.sync.folds.facts import LabelMarked
from pos_core.sync.folds.fold import Fold, State

EMPTY: State = {"printed": None, "hung": None}


def apply(state: State | None, fact: LabelMarked) -> State:
    """With one more mark."""
    after: dict[str, Any] = dict(state or EMPTY)
    said: list[Any] = [fact.stamp.as_value(), fact.price_minor]
    register = "printed"
    if fact.step != "printed":
        register = "hung"
        said.append(fact.step == "hung")
    known = after[register]
    after[register] = said if known is None or said[0] > known[0] else known
    return after


def key(store_id: str, sku: str) -> str:
    """A shelf is a store's own."""
    return f"{store_id}/{sku}"


FOLD = Fold("shelf_label", (LabelMarked,), lambda fact: key(fact.store_id, fact.sku), apply)
