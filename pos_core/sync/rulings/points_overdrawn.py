"""A member's points below zero by redemption: the newest redemptions that make up the sum are ruled on.

Claw-back by returns never overdraws in this sense (`pos_core.sync.folds.points`). Later earnings pay the
debt back and supersede the ruling. What a manager let go is the store's; the rest by policy.
"""

from __future__ import annotations

from pos_core.sync.folds.fold import State
from pos_core.sync.folds.points import overdrawn
from pos_core.sync.rulings.overdrawn import shares_of
from pos_core.sync.rulings.ruling import Ruling, borne_by, stores_of
from pos_core.sync.rulings.terms import Terms

RULE = "points_overdrawn"


def rule(key: str, state: State, terms: Terms, missing: int | None = None) -> tuple[Ruling, ...]:
    """`key` is the member id. The rulings' `points` add up to what is overdrawn.

    `missing`: what this id answers for where several ids are confirmed as one member, whose other ledgers
    may make up for it.
    """
    spends = state["spends"]
    wanted = overdrawn(state) if missing is None else missing
    return tuple(
        Ruling(
            RULE,
            key,
            "points_overdrawn",
            stands=share.stands,
            against=(share.stamp.document,),
            place=share.stamp.place,
            points=share.amount,
            bearer=borne_by("store" if share.authority == "manager" else terms.bearer(RULE), share.store_id),
            reaches=stores_of(*(each[2] for each in spends)),
            detail=(("authority", share.authority),),
        )
        for share in shares_of(spends, wanted)
    )
