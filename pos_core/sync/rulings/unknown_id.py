"""A document that names a member or an item that nobody knows. The sale stands; a person looks.

A join or an import that arrives later supersedes the rulings with nothing.
"""

from __future__ import annotations

from pos_core.sync.folds.fold import State
from pos_core.sync.folds.stamp import stamp_from
from pos_core.sync.rulings.ruling import Ruling, borne_by, stores_of
from pos_core.sync.rulings.terms import Terms

RULE = "unknown_id"


def rule(key: str, state: State, terms: Terms) -> tuple[Ruling, ...]:
    """`key` is `member/<id>` or `item/<sku>`. One ruling for each store, about its first use."""
    if state["known"]:
        return ()
    found = []
    for store_id, (stamp_value, amount_minor) in sorted(state["first"].items()):
        stamp = stamp_from(stamp_value)
        found.append(
            Ruling(
                RULE,
                key,
                "unknown_member" if key.startswith("member/") else "unknown_item",
                stands=(),
                against=(stamp.document,),
                place=stamp.place,
                bearer=borne_by(terms.bearer(RULE), store_id),
                reaches=stores_of(store_id),
                detail=(("amount_minor", amount_minor),),
            )
        )
    return tuple(found)
