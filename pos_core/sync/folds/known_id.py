"""Whether a member or an item that documents name is known: `{"known": bool, "first": {store: […]}}`.

Of each store the first use is kept, `[stamp, amount_minor]`: a new item that nobody imported may sell a
thousand times. Once known it stays so, and who named it before no longer matters.
"""

from __future__ import annotations

from pos_core.sync.folds.facts import IdKnown, IdUsed
from pos_core.sync.folds.fold import Fold, State

KNOWN: State = {"known": True, "first": {}}
EMPTY: State = {"known": False, "first": {}}


def apply(state: State | None, fact: IdUsed | IdKnown) -> State:
    """With one more use, or known for good."""
    before = state or EMPTY
    if before["known"]:
        return before
    if isinstance(fact, IdKnown):
        return KNOWN
    entry = [fact.stamp.as_value(), fact.amount_minor]
    first = before["first"].get(fact.store_id)
    if first is not None and first <= entry:
        return before
    return {"known": False, "first": {**before["first"], fact.store_id: entry}}


FOLD = Fold("known_id", (IdUsed, IdKnown), lambda fact: f"{fact.kind}/{fact.id}", apply)
