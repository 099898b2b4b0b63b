"""A budget or limit overspent: the newest uses answer for what is over. Earlier ones stand.

Leases keep a budget from being overspent; this rule sees what went past them (a manager's yes, a limit
that HQ lowered, an operator's manual discounts of a day).
"""

from __future__ import annotations

from pos_core.sync.folds.fold import State
from pos_core.sync.folds.stamp import stamp_from
from pos_core.sync.rulings.ruling import Ruling, borne_by, stores_of
from pos_core.sync.rulings.terms import Terms

RULE = "limit_exceeded"


def rule(key: str, state: State, terms: Terms) -> tuple[Ruling, ...]:
    """`key` is the budget id. The rulings' costs add up to the money that is over."""
    limit = terms.limits.get(key)
    if limit is None:
        return ()
    over_uses = _over(state["uses"], limit.uses_max)
    over_minor = _over(state["amount_minor"], limit.amount_minor_max)
    found: list[Ruling] = []
    newest = state["newest"]
    for position, (stamp_value, store_id, uses, amount_minor) in reversed(list(enumerate(newest))):
        if over_uses <= 0 and over_minor <= 0:
            break
        stamp, last = stamp_from(stamp_value), position == 0
        uses_share = max(0, over_uses if last else min(over_uses, uses))
        minor_share = max(0, over_minor if last else min(over_minor, amount_minor))
        over_uses, over_minor = over_uses - uses_share, over_minor - minor_share
        if uses_share or minor_share:
            found.append(
                Ruling(
                    RULE,
                    key,
                    "limit_exceeded",
                    stands=(),
                    against=(stamp.document,),
                    cost_minor=minor_share or (amount_minor if uses_share else 0),
                    bearer=borne_by(terms.bearer(RULE), store_id),
                    reaches=stores_of(store_id),
                    detail=(("over_minor", minor_share), ("over_uses", uses_share)),
                )
            )
    return tuple(found)


def _over(spent: int, limit: int | None) -> int:
    return 0 if limit is None else max(0, spent - limit)
