"""A member's points below zero by redemption: the newest redemptions that make up the sum are ruled on.

Claw-back by returns never overdraws in this sense (`pos_core.sync.folds.points`). Later earnings pay the
debt back and supersede the ruling. What a manager let go is the store's; the rest by policy.
"""

from __future__ import annotations

from pos_core.sync.folds.fold import State
from pos_core.sync.folds.points import overdrawn
from pos_core.sync.folds.stamp import stamp_from
from pos_core.sync.rulings.ruling import Ruling, borne_by, stores_of
from pos_core.sync.rulings.terms import Terms

RULE = "points_overdrawn"


def rule(key: str, state: State, terms: Terms) -> tuple[Ruling, ...]:
    """`key` is the member id. The rulings' `points` add up to what is overdrawn."""
    missing = overdrawn(state)
    if not missing:
        return ()
    spends = state["spends"]
    stands = tuple(dict.fromkeys(stamp_from(each[0]).document for each in spends))
    found = []
    for position, (stamp_value, points, store_id, authority) in reversed(list(enumerate(spends))):
        if not missing:
            break
        # The oldest one kept answers for what is older than the ledger's tail.
        share = missing if position == 0 else min(missing, points)
        missing -= share
        stamp = stamp_from(stamp_value)
        bearer = "store" if authority == "manager" else terms.bearer(RULE)
        found.append(
            Ruling(
                RULE,
                key,
                "points_overdrawn",
                stands=tuple(document for document in stands if document != stamp.document),
                against=(stamp.document,),
                place=stamp.place,
                points=share,
                bearer=borne_by(bearer, store_id),
                reaches=stores_of(*(each[2] for each in spends)),
                detail=(("authority", authority),),
            )
        )
    return tuple(found)
