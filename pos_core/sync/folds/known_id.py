"""Whether a member or an item that documents name is known: `{"known": bool, "uses": {document: […]}}`.

Once known it stays so, and who named it before no longer matters: the uses are forgotten.
"""

from __future__ import annotations

from pos_core.sync.folds.facts import IdKnown, IdUsed
from pos_core.sync.folds.fold import Fold, State

KNOWN: State = {"known": True, "uses": {}}
EMPTY: State = {"known": False, "uses": {}}


def apply(state: State | None, fact: IdUsed | IdKnown) -> State:
    """With one more use, or known for good."""
    before = state or EMPTY
    if isinstance(fact, IdKnown) or before["known"]:
        return KNOWN
    name = f"{fact.stamp.document}#{fact.stamp.place}"
    entry = [fact.stamp.as_value(), fact.store_id, fact.amount_minor]
    return {"known": False, "uses": {**before["uses"], name: entry}}


FOLD = Fold("known_id", (IdUsed, IdKnown), lambda fact: f"{fact.kind}/{fact.id}", apply)
