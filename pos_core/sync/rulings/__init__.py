"""Rulings: what facts that contradict each other lead to, as data, by the same code everywhere.

`rulings_of` answers for one key of one fold; whoever keeps states calls it for every key that a document
touched and hands the answer to `restate`. Documented in docs/rulings.md.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from pos_core.sync.folds import State, StateKey
from pos_core.sync.rulings import (
    allowance_cloned,
    coupon_used_twice,
    held_basket_paid_twice,
    limit_exceeded,
    line_returned_twice,
    one_phone,
    points_overdrawn,
    reservation_sold_twice,
    stored_value_overdrawn,
    unknown_id,
)
from pos_core.sync.rulings.ruling import Change, Ruling, restate
from pos_core.sync.rulings.terms import Limit, Terms, terms_from_policy

BY_FOLD: dict[str, Callable[[str, State, Terms], tuple[Ruling, ...]]] = {
    "coupon_use": coupon_used_twice.rule,
    "points": points_overdrawn.rule,
    "stored_value": stored_value_overdrawn.rule,
    "returned_line": line_returned_twice.rule,
    "budget": limit_exceeded.rule,
    "held_basket": held_basket_paid_twice.rule,
    "reservation": reservation_sold_twice.rule,
    "known_id": unknown_id.rule,
    "allowance_use": allowance_cloned.rule,
}
"""Rules that need one state. `one_phone` needs several; `price_differs`, `promotions_differ`,
`clock_out_of_bounds` and `series_forked` follow from a document or a receipt."""


def rulings_of(fold: str, key: str, state: State, terms: Terms) -> tuple[Ruling, ...]:
    """The rulings that stand about one key; none for folds that no rule looks at."""
    rule = BY_FOLD.get(fold)
    return () if rule is None else rule(key, state, terms)


def all_rulings(states: Mapping[StateKey, State], terms: Terms) -> dict[str, Ruling]:
    """Everything that stands, by ruling id: for a check of the whole, key by key elsewhere."""
    found = [
        ruling for (fold, key), state in states.items() for ruling in rulings_of(fold, key, state, terms)
    ]
    profiles = {key: state for (fold, key), state in states.items() if fold == "member_profile"}
    links = {key: state for (fold, key), state in states.items() if fold == "member_links"}
    for (fold, key), state in states.items():
        if fold == "phone_claims":
            claimants = {member_id: profiles[member_id] for member_id in state["members"]}
            found.extend(one_phone.rule(key, claimants, links, terms))
    return {ruling.ruling_id: ruling for ruling in found}


__all__ = [
    "BY_FOLD",
    "Change",
    "Limit",
    "Ruling",
    "Terms",
    "all_rulings",
    "restate",
    "rulings_of",
    "terms_from_policy",
]
