"""An account of stored value below zero: the newest redemptions that make up the sum are ruled on.

As `points_overdrawn`, in money: money put in later pays the debt back and supersedes the ruling.
"""

from __future__ import annotations

from pos_core.sync.folds.fold import State
from pos_core.sync.folds.stored_value import balance_minor
from pos_core.sync.rulings.overdrawn import shares_of
from pos_core.sync.rulings.ruling import Ruling, borne_by, stores_of
from pos_core.sync.rulings.terms import Terms

RULE = "stored_value_overdrawn"


def rule(key: str, state: State, terms: Terms) -> tuple[Ruling, ...]:
    """`key` is the account id. The rulings' `cost_minor` adds up to what is missing."""
    spends = state["spends"]
    return tuple(
        Ruling(
            RULE,
            key,
            "stored_value_overdrawn",
            stands=share.stands,
            against=(share.stamp.document,),
            place=share.stamp.place,
            cost_minor=share.amount,
            bearer=borne_by("store" if share.authority == "manager" else terms.bearer(RULE), share.store_id),
            reaches=stores_of(*(each[2] for each in spends)),
            detail=(("authority", share.authority),),
        )
        for share in shares_of(spends, max(0, -balance_minor(state)))
    )
