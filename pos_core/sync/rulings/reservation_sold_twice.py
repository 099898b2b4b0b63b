"""A reservation that two sales closed, by a copied slip or at tills that did not hear: the first stands."""

from __future__ import annotations

from pos_core.sync.folds.fold import State
from pos_core.sync.folds.reservation import sales_of
from pos_core.sync.rulings.ruling import Ruling, borne_by, stores_of
from pos_core.sync.rulings.terms import Terms

RULE = "reservation_sold_twice"


def rule(key: str, state: State, terms: Terms) -> tuple[Ruling, ...]:
    """`key` is the reservation's id. One ruling for each sale but the first; it was paid: no cost."""
    sales = sales_of(state)
    if len(sales) < 2:
        return ()
    first, *later = sales
    return tuple(
        Ruling(
            RULE,
            key,
            RULE,
            stands=(first.sale,),
            against=(each.sale,),
            bearer=borne_by(terms.bearer(RULE), each.at_store),
            reaches=stores_of(each.at_store, each.for_store),
        )
        for each in later
    )
