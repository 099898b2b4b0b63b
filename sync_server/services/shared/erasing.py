"""Erasing a member at head office: keys destroyed, rows of every store emptied, number forgotten.

Facts stay: what was sold was sold, under an id that leads to nobody. A ciphertext without its key is no
personal data, so chains, backups and quarantine stay as they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pos_core.sync.folds import State, StateKey
from pos_core.sync.folds.member_profile import EMPTY
from sync_server.services.shared.folding import terms_of
from sync_server.services.shared.slices import Slices
from sync_server.services.shared.standing import Standing
from sync_server.store import coupon, erasure, feed, fold_state, masters, ruling, store_file
from sync_server.store.engine import Txn

_OF_MEMBER = ("member", "member_detail", "member_pricing")


def is_known(txn: Txn, member_id: str) -> bool:
    """Whether anything here names this member."""
    keys = [("member_profile", member_id), ("points", member_id)]
    return bool(masters.members(txn, [member_id]) or fold_state.get(txn, keys))


def erase(txn: Txn, slices: Slices, member_id: str, now_ms: int) -> None:
    """Everything of a member that the database holds in a readable form. Again is fine."""
    erasure.forget(txn, member_id)
    fold_state.forget_phone_facts(txn, member_id)
    for kind in _OF_MEMBER:
        for scope in sorted(masters.scopes_with_key(txn, kind, [member_id])):
            feed.put_rows(txn, kind, scope, [], [[member_id]])
    _coupons(txn, member_id)
    _profile(txn, slices, member_id, now_ms)
    store_file.drop_those_with_vanished(txn)


def stand_alone(txn: Txn, slices: Slices, member_ids: Sequence[str], now_ms: int) -> None:
    """Rulings and rows of members who had a number in common, where one of them can be read no more."""
    wanted = [(fold, each) for each in member_ids for fold in ("member_profile", "points")]
    states = dict(fold_state.get(txn, wanted))
    standing = Standing(txn, terms_of(txn), now_ms)
    standing.of_states(states)
    standing.write()
    slices.publish(txn, states, {})
    slices.rulings(txn, standing, now_ms)


def _coupons(txn: Txn, member_id: str) -> None:
    """The wallet goes; its coupons are void and nobody's."""
    for row in coupon.of_member(txn, member_id):
        for scope in sorted(masters.scopes_with_key(txn, "member_coupon", [row.coupon_id])):
            feed.put_rows(txn, "member_coupon", scope, [], [[row.coupon_id]])
    coupon.forget_member(txn, member_id)


def _profile(txn: Txn, slices: Slices, member_id: str, now_ms: int) -> None:
    """Profile and number; rulings about the number follow, and go when nobody else claims it."""
    place: StateKey = ("member_profile", member_id)
    state = fold_state.get(txn, [place]).get(place)
    if state is None:
        return
    indexes = sorted({claim[1] for claim in state["phones"] if claim[1] is not None})
    emptied: State = {**EMPTY, "joined": state["joined"]}
    states: dict[StateKey, Any] = {place: emptied}
    claims = fold_state.get(txn, [("phone_claims", index) for index in indexes])
    alone = []
    for (fold, index), claim in claims.items():
        left = [each for each in claim["members"] if each != member_id]
        if left:
            states[fold, index] = {"members": left}
            others = [("member_profile", each) for each in left]
            states |= dict(fold_state.get(txn, others))
        else:
            alone.append(index)
    fold_state.put(txn, states)
    standing = Standing(txn, terms_of(txn), now_ms)
    standing.of_states(states)
    standing.write()
    slices.rulings(txn, standing, now_ms)
    for index in alone:
        _forget_number(txn, index)


def _forget_number(txn: Txn, index: str) -> None:
    for row in ruling.about(txn, index):
        for scope in sorted(masters.scopes_with_key(txn, "ruling", [row.ruling.ruling_id])):
            feed.put_rows(txn, "ruling", scope, [], [[row.ruling.ruling_id]])
    erasure.forget_claims(txn, index)
