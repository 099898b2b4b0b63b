"""One sold line and what came back of it.

    {"sold": [stamp, store_id, quantity_milli, net_minor] | null,
     "returns": {"document#place": [stamp, store_id, quantity_milli, refund_minor]}}

Only lines that something came back of need a state: whoever keeps states may leave out `LineSold` until
the first return of the key, and take it from the ledger then.
"""

from __future__ import annotations

from pos_core.sync.folds.facts import LineReturned, LineSold
from pos_core.sync.folds.fold import Fold, State

EMPTY: State = {"sold": None, "returns": {}}


def line_key(document: str, line_no: int) -> str:
    """`document key#line_no`."""
    return f"{document}#{line_no}"


def apply(state: State | None, fact: LineSold | LineReturned) -> State:
    """With the sale or one more return."""
    before = state or EMPTY
    stamp = fact.stamp.as_value()
    if isinstance(fact, LineSold):
        return {**before, "sold": [stamp, fact.store_id, fact.quantity_milli, fact.net_minor]}
    name = line_key(fact.stamp.document, fact.stamp.place)
    entry = [stamp, fact.store_id, fact.quantity_milli, fact.refund_minor]
    return {**before, "returns": {**before["returns"], name: entry}}


def _key(fact: LineSold | LineReturned) -> str:
    if isinstance(fact, LineSold):
        return line_key(fact.stamp.document, fact.line_no)
    return line_key(fact.origin, fact.line_no)


FOLD = Fold("returned_line", (LineSold, LineReturned), _key, apply)
