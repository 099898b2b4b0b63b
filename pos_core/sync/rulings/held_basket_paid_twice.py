"""A held basket that two workstations recalled and paid: the first payment stands, the goods left twice."""

from __future__ import annotations

from pos_core.sync.folds.fold import State
from pos_core.sync.folds.stamp import stamp_from
from pos_core.sync.rulings.ruling import Ruling, borne_by, stores_of
from pos_core.sync.rulings.terms import Terms

RULE = "held_basket_paid_twice"


def rule(key: str, state: State, terms: Terms) -> tuple[Ruling, ...]:
    """`key` is the held basket's id. One ruling for each payment but the first."""
    payments = sorted(state["paid"].values())
    if len(payments) < 2:
        return ()
    first = stamp_from(payments[0][0])
    return tuple(
        Ruling(
            RULE,
            key,
            "held_basket_paid_twice",
            stands=(first.document,),
            against=(stamp_from(stamp_value).document,),
            cost_minor=max(0, total_minor),
            bearer=borne_by(terms.bearer(RULE), store_id),
            reaches=stores_of(store_id, payments[0][1]),
        )
        for stamp_value, store_id, total_minor in payments[1:]
    )
