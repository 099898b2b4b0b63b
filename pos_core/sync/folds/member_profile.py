"""A member's profile: the newest edit of each field stands, by hybrid clock; a deletion is an edit.

    {"joined": stamp | null, "fields": {name: [stamp, value]}, "consents": {purpose: {...}},
     "phones": [[stamp, index | null, store_id], …]}

- `tier` and `status` are head office's: a workstation's word on them is not taken.
- A consent is refused if anybody refused after head office's last explicit re-consent; the restrictive
  answer wins whatever the clocks say, because a shopper who said no must not get the message.
- Claims of phone numbers are all kept, in order: who held a number when decides about two members with
  one phone (`pos_core.sync.rulings.one_phone`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pos_core.sync.folds.facts import ProfileEdited
from pos_core.sync.folds.fold import Fold, State
from pos_core.sync.folds.stamp import StampValue

HQ_FIELDS = frozenset({"tier", "status"})

EMPTY: State = {"joined": None, "fields": {}, "consents": {}, "phones": []}


def apply(state: State | None, fact: ProfileEdited) -> State:
    """With one more edit."""
    before = state or EMPTY
    stamp = fact.stamp.as_value()
    joined = before["joined"]
    if fact.joined:
        joined = stamp if joined is None else min(joined, stamp)  # joined twice: the first counts
    return {
        "joined": joined,
        "fields": _fields(before["fields"], fact, stamp),
        "consents": _consents(before["consents"], fact, stamp),
        "phones": _phones(before["phones"], fact, stamp),
    }


def _fields(before: Mapping[str, Any], fact: ProfileEdited, stamp: StampValue) -> dict[str, Any]:
    after = dict(before)
    for name, value in fact.fields.items():
        if name in HQ_FIELDS and not fact.stamp.by_hq:
            continue
        if name not in after or after[name][0] < stamp:
            after[name] = [stamp, value]
    return after


def _consents(before: Mapping[str, Any], fact: ProfileEdited, stamp: StampValue) -> dict[str, Any]:
    """Per purpose the newest refusal, the newest word of head office that says yes, the newest other yes."""
    after = dict(before)
    for purpose, given in fact.consents.items():
        kind = "refused" if not given else "reconsented" if fact.stamp.by_hq else "given"
        entry = dict(after.get(purpose) or {"refused": None, "reconsented": None, "given": None})
        if entry[kind] is None or entry[kind] < stamp:
            entry[kind] = stamp
        after[purpose] = entry
    return after


def _phones(before: list[Any], fact: ProfileEdited, stamp: StampValue) -> list[Any]:
    if not fact.claims_phone or any(claim[0] == stamp for claim in before):
        return before
    return sorted([*before, [stamp, fact.phone_index, fact.store_id]])


def field_value(state: State, name: str) -> Any:
    """The value that stands; None when there is none or it was deleted."""
    entry = state["fields"].get(name)
    return None if entry is None else entry[1]


def consent(state: State, purpose: str) -> bool | None:
    """True, False, or None when nobody was asked."""
    entry = state["consents"].get(purpose)
    if entry is None:
        return None
    refused, reconsented = entry["refused"], entry["reconsented"]
    return not (refused is not None and (reconsented is None or reconsented < refused))


def phone_index(state: State) -> str | None:
    """The blind index that the member claims now."""
    return state["phones"][-1][1] if state["phones"] else None


FOLD = Fold("member_profile", (ProfileEdited,), lambda fact: str(fact.member_id), apply)
