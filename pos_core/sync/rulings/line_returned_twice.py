"""A sold line of which more came back than was sold, or more money than was paid: earliest returns stand.

Two stores that take back the same line offline are not stopped. A return that is covered in part costs
the part that is not.
"""

from __future__ import annotations

from pos_core.rounding import half_up
from pos_core.sync.folds.fold import State
from pos_core.sync.folds.stamp import stamp_from
from pos_core.sync.rulings.ruling import Ruling, borne_by, document_of, stores_of
from pos_core.sync.rulings.terms import Terms

RULE = "line_returned_twice"


def rule(key: str, state: State, terms: Terms) -> tuple[Ruling, ...]:
    """`key` is `document#line_no` of the sale. Nothing is ruled until the sale itself is known."""
    if state["sold"] is None:
        return ()
    sale, sold_at, left_milli, net_minor = state["sold"]
    left_minor = max(0, net_minor)  # a recorded line may lie below zero: then nothing was paid
    found: list[Ruling] = []
    earlier: list[str] = [document_of(sale)]
    for stamp_value, store_id, quantity_milli, refund_minor in sorted(state["returns"].values()):
        stamp = stamp_from(stamp_value)
        covered_milli = min(quantity_milli, left_milli)
        due_minor = half_up(refund_minor * covered_milli, quantity_milli) if quantity_milli else refund_minor
        paid_minor = min(due_minor, left_minor)
        left_milli, left_minor = left_milli - covered_milli, left_minor - paid_minor
        if covered_milli < quantity_milli or paid_minor < refund_minor:
            found.append(
                Ruling(
                    RULE,
                    key,
                    "more_returned_than_sold"
                    if covered_milli < quantity_milli
                    else "more_refunded_than_paid",
                    stands=tuple(dict.fromkeys(earlier)),
                    against=(stamp.document,),
                    place=stamp.place,
                    cost_minor=max(0, refund_minor - paid_minor),
                    bearer=borne_by(terms.bearer(RULE), store_id),
                    reaches=stores_of(store_id, sold_at, *(each[1] for each in state["returns"].values())),
                    detail=(("excess_milli", quantity_milli - covered_milli),),
                )
            )
        if covered_milli:
            earlier.append(stamp.document)
    return tuple(found)
