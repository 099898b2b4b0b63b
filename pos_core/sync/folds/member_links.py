"""Which member ids claim a phone, and what was decided about pairs of ids.

phone claims, by blind index: `{"members": [member_id, …]}` — all that ever claimed it.
links, by pair `a|b` in order: `{"confirmed": stamp | null, "split": stamp | null}` — the newest of each.
"""

from __future__ import annotations

from pos_core.sync.folds.facts import MembersLinked, ProfileEdited
from pos_core.sync.folds.fold import Fold, State


def pair_key(first_id: str, second_id: str) -> str:
    """One key for a pair, whoever is named first."""
    return "|".join(sorted((first_id, second_id)))


def apply_claim(state: State | None, fact: ProfileEdited) -> State:
    """With one more claimant."""
    members = set(state["members"]) if state else set()
    return {"members": sorted(members | {fact.member_id})}


def apply_link(state: State | None, fact: MembersLinked) -> State:
    """With one more verdict."""
    before = state or {"confirmed": None, "split": None}
    stamp, known = fact.stamp.as_value(), before[fact.verdict]
    return {**before, fact.verdict: stamp if known is None else max(known, stamp)}


def is_split(state: State | None) -> bool:
    """HQ said that these are two people. A confirmation after that opens the question to HQ, not the link."""
    return state is not None and state["split"] is not None


def is_confirmed(state: State | None) -> bool:
    """The member's code or a person said that these are one, and nobody split them."""
    return state is not None and state["confirmed"] is not None and not is_split(state)


CLAIMS = Fold("phone_claims", (ProfileEdited,), lambda fact: fact.phone_index or "", apply_claim)
"""Only facts with `claims_phone` and an index are for this fold."""
LINKS = Fold(
    "member_links", (MembersLinked,), lambda fact: pair_key(fact.first_id, fact.second_id), apply_link
)
