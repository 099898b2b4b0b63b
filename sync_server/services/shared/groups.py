"""Ids that are one member and were confirmed as one: their points are spent as one sum.

Nothing is moved. Each id keeps its ledger, so a split takes it all back.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from pos_core.sync.folds import State
from pos_core.sync.folds.member_links import pair_key
from pos_core.sync.folds.points import above_redemptions
from pos_core.sync.rulings import one_phone
from sync_server.store import fold_state, ruling
from sync_server.store.engine import Txn

_ALIAS_STEPS_MAX = 8


def alias_of(txn: Txn, member_id: str) -> str | None:
    """The member that this id was merged into, at the end of a chain of merges; None: himself."""
    profile = fold_state.get(txn, [("member_profile", member_id)]).get(("member_profile", member_id))
    if profile is None:
        return None
    seen, current = {member_id}, member_id
    for _ in range(_ALIAS_STEPS_MAX):
        indexes = [claim[1] for claim in profile["phones"] if claim[1] is not None] if profile else []
        survivor = None
        for row in ruling.standing(txn, indexes):
            detail = dict(row.ruling.detail)
            if (
                row.rule == one_phone.RULE
                and row.ruling.cause in one_phone.MERGED
                and detail["alias"] == current
            ):
                survivor = str(detail["survivor"])
        if survivor is None or survivor in seen:
            break
        seen.add(survivor)
        current = survivor
        profile = fold_state.get(txn, [("member_profile", current)]).get(("member_profile", current))
    return None if current == member_id else current


def aliases_of(txn: Txn, member_ids: Sequence[str]) -> dict[str, str]:
    """`alias_of` of each that was merged into another; one look-up for members whom no till ever edited."""
    profiles = fold_state.get(txn, [("member_profile", each) for each in member_ids])
    with_phones = [key for (_, key), state in profiles.items() if any(claim[1] for claim in state["phones"])]
    found = {member_id: alias_of(txn, member_id) for member_id in sorted(with_phones)}
    return {member_id: survivor for member_id, survivor in found.items() if survivor is not None}


def groups_of(txn: Txn, member_ids: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Member → the ids whose points are his, the survivor first; who stands alone is not in it.

    Two look-ups for members whom no till merged with anybody, which is nearly all.
    """
    wanted = sorted(set(member_ids))
    pairs = _merged(txn, wanted)
    found: dict[str, tuple[str, ...]] = {}
    for member_id in wanted:
        if member_id in found or member_id not in {each for pair in pairs for each in pair}:
            continue
        survivor = alias_of(txn, member_id) or member_id
        aliases = sorted({alias for alias, of in _merged(txn, [survivor]) if of == survivor})
        links = fold_state.get(txn, [("member_links", pair_key(survivor, alias)) for alias in aliases])
        group = one_phone.confirmed_ids(
            survivor, dict.fromkeys(aliases, survivor), {pair: state for (_, pair), state in links.items()}
        )
        if len(group) > 1:
            found |= dict.fromkeys(group, tuple(group))
    return found


def missing_in(group: Sequence[str], states: Mapping[str, State]) -> dict[str, int]:
    """Points below zero by redemption over the whole group, shared over its ids in order."""
    above = {member_id: above_redemptions(states.get(member_id)) for member_id in group}
    left = max(0, -sum(above.values()))
    found = {}
    for member_id in sorted(group):
        found[member_id] = min(left, max(0, -above[member_id]))
        left -= found[member_id]
    return found


def _merged(txn: Txn, member_ids: Sequence[str]) -> set[tuple[str, str]]:
    """(alias, survivor) of every standing merge about a number that these members ever had."""
    profiles = fold_state.get(txn, [("member_profile", each) for each in member_ids])
    indexes = sorted({claim[1] for state in profiles.values() for claim in state["phones"] if claim[1]})
    return {
        (str(detail["alias"]), str(detail["survivor"]))
        for row in ruling.standing(txn, indexes)
        if row.rule == one_phone.RULE and row.ruling.cause in one_phone.MERGED
        for detail in (dict(row.ruling.detail),)
    }
