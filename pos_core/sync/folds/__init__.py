"""Folds: facts in, shared state out, by the same code on workstation and server.

`facts_of` cuts a document into facts, `FOLDS` says who takes which, `fold_facts` is the whole of it over
a mapping in memory; whoever keeps states in tables does the same, key by key.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from pos_core.canonical import canonical_bytes
from pos_core.sync.folds import (
    allowance_use,
    approvals,
    budget,
    counts,
    coupon_use,
    credential,
    held_basket,
    known_id,
    member_code,
    member_links,
    member_profile,
    orders,
    points,
    purchase,
    reservation,
    returned_line,
    shelf_label,
    shifts,
    stock,
    stored_value,
    transfer,
    watch,
)
from pos_core.sync.folds.extract import TELLING_TYPES, facts_of
from pos_core.sync.folds.facts import Fact, ProfileEdited
from pos_core.sync.folds.fold import Fold, NeedsHistory, State, state_bytes
from pos_core.sync.folds.stamp import HQ, Stamp

FOLDS: dict[str, Fold] = {
    fold.name: fold
    for fold in (
        member_profile.FOLD,
        member_links.CLAIMS,
        member_links.LINKS,
        member_code.FOLD,
        credential.FOLD,
        points.FOLD,
        orders.FOLD,
        stored_value.FOLD,
        coupon_use.FOLD,
        stock.FOLD,
        counts.FOLD,
        transfer.FOLD,
        purchase.FOLD,
        reservation.FOLD,
        shelf_label.FOLD,
        shifts.FOLD,
        approvals.FOLD,
        held_basket.FOLD,
        returned_line.FOLD,
        budget.FOLD,
        known_id.FOLD,
        allowance_use.FOLD,
        watch.FOLD,
    )
}

StateKey = tuple[str, str]
"""`(fold name, key)`."""

_BY_TYPE: dict[type[Fact], list[Fold]] = {}
for _fold in FOLDS.values():
    for _type in _fold.takes:
        _BY_TYPE.setdefault(_type, []).append(_fold)


_NAMED: dict[type[Fact], list[tuple[str, Fold]]] = {
    _type: [(fold.name, fold) for fold in found] for _type, found in _BY_TYPE.items()
}


def folds_of(fact: Fact) -> Iterator[tuple[Fold, str]]:
    """The folds that take a fact, each with the fact's key in it."""
    for fold in _BY_TYPE.get(type(fact), ()):
        if fold is not member_links.CLAIMS or _claims(fact):
            yield fold, fold.key(fact)


def by_state(facts: Iterable[Fact]) -> dict[StateKey, tuple[Fold, list[Fact]]]:
    """The facts of each state in their order, with its fold: `folds_of` for thousands at once."""
    found: dict[StateKey, tuple[Fold, list[Fact]]] = {}
    for fact in facts:
        for name, fold in _NAMED.get(type(fact), ()):
            if fold is member_links.CLAIMS and not _claims(fact):
                continue
            place = (name, fold.key(fact))
            known = found.get(place)
            if known is None:
                known = found[place] = (fold, [])
            known[1].append(fact)
    return found


def _claims(fact: Fact) -> bool:
    """Whether an edit of a profile claims a phone number: only then it is one of those who claim it."""
    assert isinstance(fact, ProfileEdited)
    return fact.claims_phone and fact.phone_index is not None


def fold_facts(states: Mapping[StateKey, State], facts: Iterable[Fact]) -> dict[StateKey, State]:
    """`states` with more facts. Raises NeedsHistory where a count reaches back too far (`Fold.step`)."""
    after = dict(states)
    for fact in facts:
        for fold, key in folds_of(fact):
            after[fold.name, key] = fold.apply(after.get((fold.name, key)), fact)
    return after


def states_bytes(states: Mapping[StateKey, State]) -> bytes:
    """The canonical bytes of many states, for a comparison of the whole."""
    return canonical_bytes([[name, key, state] for (name, key), state in sorted(states.items())])


__all__ = [
    "FOLDS",
    "HQ",
    "TELLING_TYPES",
    "Fact",
    "Fold",
    "NeedsHistory",
    "Stamp",
    "State",
    "StateKey",
    "by_state",
    "facts_of",
    "fold_facts",
    "folds_of",
    "state_bytes",
    "states_bytes",
]
