"""One coupon used more often than its campaign allows: the earliest uses stand, one ruling for each other.

Earliest is by hybrid clock, workstation, number. A late earlier use supersedes the rulings visibly. A
single-use coupon used k times has exactly k − 1 standing rulings; a use that a return restored is none.
"""

from __future__ import annotations

from pos_core.sync.folds.coupon_use import live_uses
from pos_core.sync.folds.fold import State
from pos_core.sync.rulings.ruling import Ruling, borne_by, stores_of
from pos_core.sync.rulings.terms import Terms

RULE = "coupon_used_twice"


def rule(key: str, state: State, terms: Terms) -> tuple[Ruling, ...]:
    """`key` is the coupon's."""
    uses_max = terms.uses_max.get(state["campaign"], 1)
    uses = live_uses(state)
    if uses_max == 0 or len(uses) <= uses_max:
        return ()
    standing, others = uses[:uses_max], uses[uses_max:]
    stands = tuple(dict.fromkeys(stamp.document for stamp, _, _ in standing))
    return tuple(
        Ruling(
            RULE,
            key,
            "coupon_used_more_than_once",
            stands=stands,
            against=(stamp.document,),
            place=stamp.place,
            cost_minor=max(0, amount_minor),
            bearer=borne_by(terms.bearer(RULE), store_id),
            reaches=stores_of(store_id, *(other for _, other, _ in standing)),
        )
        for stamp, store_id, amount_minor in others
    )
