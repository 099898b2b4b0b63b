"""The member slice of each store: who belongs to it, and what its workstations may know of each.

A store gets the members of its region and whoever shopped there lately; each under the store's own blind
index, made here, because no store has another's key (docs/security.md).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pos_core.canonical import canonical_bytes
from pos_core.customer.member import card_text, masked_name
from pos_core.customer.member_code import verifier_text
from pos_core.customer.stored_value import member_account
from pos_core.sync.folds import State, StateKey
from pos_core.sync.folds.coupon_use import live_uses
from pos_core.sync.folds.member_profile import field_value
from pos_core.sync.folds.points import balance
from pos_core.sync.folds.stored_value import balance_minor
from pos_core.sync.reference import KINDS
from sync_server.services.keys import ChainKeys
from sync_server.services.personal_data import (
    blind_index,
    decrypt_personal,
    masked_phone,
    open_member_key,
)
from sync_server.services.shared.consents import standing
from sync_server.services.shared.groups import aliases_of, groups_of
from sync_server.services.shared.leased_coupons import end as end_leases
from sync_server.services.shared.member_pricing import refresh as refresh_pricing
from sync_server.store import coupon, feed, fold_state, masters, member_card
from sync_server.store.engine import Txn
from sync_server.store.masters import MemberRow
from sync_server.store.member_card import MemberCard

Row = list[Any]
_MEMBER, _DETAIL, _COUPON = (
    KINDS[name].column_names for name in ("member", "member_detail", "member_coupon")
)


class MemberRows:
    """Writes `member`, `member_detail`, `member_pricing` and `member_coupon` rows."""

    def __init__(self, keys: ChainKeys) -> None:
        self._keys = keys

    def refresh(self, txn: Txn, member_ids: Sequence[str], *, new_card: bool = False) -> None:
        """Rows of these members in every store that has them, as their states say now.

        `new_card`: their cards changed too; else each row keeps the index that it has.
        """
        groups = groups_of(txn, member_ids)
        member_ids = sorted({*member_ids, *(each for group in groups.values() for each in group)})
        members = masters.members(txn, member_ids)
        known = _Known.of(txn, member_ids)
        rows: dict[str, list[Row]] = {}
        details: dict[str, list[Row]] = {}
        for scope, found in sorted(masters.member_rows(txn, sorted(members)).items()):
            here = dict(sorted(found.items()))
            before = _details(txn, scope, here)
            rows[scope] = [
                _refreshed(row, members[each], known.states, groups.get(each, ()))
                for each, row in here.items()
            ]
            details[scope] = [
                self._detail(scope, each, known, before.get(each), seen=None, new_card=new_card)
                for each in here
            ]
        _put(txn, "member", rows)
        _put(txn, "member_detail", details)
        refresh_pricing(txn, self._keys, members)

    def cards(self, txn: Txn, member_ids: Sequence[str]) -> None:
        """Rows of members who were given a card, or lost theirs to somebody else."""
        self.refresh(txn, member_ids, new_card=True)

    def visited(self, txn: Txn, store_id: str, days: Mapping[str, str]) -> None:
        """Members who shopped at a store: in its slice from now on, with the day they were seen."""
        scope = f"store:{store_id}"
        here = masters.feed_rows_by_key(txn, "member", scope, [[member_id] for member_id in days])
        members = masters.members(txn, sorted(set(days) - set(here)))
        known = _Known.of(txn, sorted(days))
        before = _details(txn, scope, days)
        rows, details = [], []
        for member_id, day in days.items():
            if member_id not in here:
                row = self._row(txn, store_id, members.get(member_id), known)
                if row is None:
                    continue
                rows.append(row)
            details.append(self._detail(scope, member_id, known, before.get(member_id), seen=day))
        _put(txn, "member", {scope: rows})
        _put(txn, "member_detail", {scope: details})
        refresh_pricing(txn, self._keys, members)

    def wallet(self, txn: Txn, store_id: str, member_id: str) -> None:
        """The member's coupons into a store's slice: known by their ids, for nobody has their codes here."""
        scope, owned = f"store:{store_id}", coupon.of_member(txn, member_id)
        keys = [[row.coupon_id] for row in owned]
        here = masters.feed_rows_by_key(txn, "member_coupon", scope, keys)
        rows = [
            [row.coupon_id, member_id, row.campaign_id, row.state, "", row.valid_from_ms, row.valid_to_ms]
            for row in owned
            if row.coupon_id not in here
        ]
        _put(txn, "member_coupon", {scope: rows})

    def coupons(self, txn: Txn, used: Mapping[str, State]) -> None:
        """Coupons whose uses changed: in every store that has the member; a lease ends with its use."""
        rows: dict[str, list[Row]] = defaultdict(list)
        end_leases(txn, sorted(each for each, state in used.items() if live_uses(state)))
        for coupon_id, found in coupon.get_many(txn, sorted(used)).items():
            state = "used" if live_uses(used[coupon_id]) else "issued"
            if found.state not in ("void", state):
                coupon.set_state(txn, coupon_id, state)
            if found.member_id is None:
                continue
            for scope in masters.scopes_with_key(txn, "member", [found.member_id]):
                row = masters.feed_rows_by_key(txn, "member_coupon", scope, [[coupon_id]]).get(coupon_id)
                if row is not None and row[_COUPON.index("state")] != "void":
                    row[_COUPON.index("state")] = state
                    rows[scope].append(row)
        _put(txn, "member_coupon", rows)

    def add(self, txn: Txn, member: MemberRow, store_ids: Iterable[str]) -> None:
        """A new member's rows in these stores."""
        known = _Known.of(txn, [member.member_id])
        for store_id in store_ids:
            row = self._row(txn, store_id, member, known)
            if row is not None:
                scope = f"store:{store_id}"
                before = _details(txn, scope, [member.member_id]).get(member.member_id)
                detail = self._detail(scope, member.member_id, known, before, seen=None)
                _put(txn, "member", {scope: [row]})
                _put(txn, "member_detail", {scope: [detail]})
        refresh_pricing(txn, self._keys, {member.member_id: member})

    def _row(self, txn: Txn, store_id: str, member: MemberRow | None, known: _Known) -> Row | None:
        """A member's row in a store where he was not before; None where he is unknown or erased."""
        if member is None:
            return None
        sealed = masters.member_keys(txn, [member.member_id]).get(member.member_id)
        key = None if sealed is None else open_member_key(self._keys, sealed)
        personal = None if key is None else decrypt_personal(key, member.member_id, member.personal)
        if personal is None:
            return None
        phone = personal["phone"]
        row = [
            member.member_id,
            blind_index(self._keys.blind_index_key(store_id), phone),
            masked_phone(phone),
            personal.get("display_name") or masked_name(personal.get("name", "")),
            member.tier,
            0,
            member.birthday_month,
            member.consents,
        ]
        group = groups_of(txn, [member.member_id]).get(member.member_id, ())
        return _refreshed(row, member, known.states | _states(txn, group), group)

    def _detail(
        self,
        scope: str,
        member_id: str,
        known: _Known,
        before: Row | None,
        *,
        seen: str | None,
        new_card: bool = False,
    ) -> Row:
        """The `member_detail` row, keeping what only the row itself knows (the day last seen)."""
        kept = dict(zip(_DETAIL, before, strict=True)) if before else {}
        profile = known.states.get(("member_profile", member_id))
        tries = known.states.get(("member_code", member_id)) or {}
        store_id = scope.removeprefix("store:")
        values = {
            "member_id": member_id,
            "status": (profile and field_value(profile, "status")) or "active",
            "code_verifier": self._verifier(store_id, known.codes.get(member_id)),
            "card_index": kept["card_index"]
            if kept and not new_card
            else self._card_index(store_id, known.cards.get(member_id)),
            "stored_value_minor": balance_minor(
                known.states.get(("stored_value", member_account(member_id)))
            ),
            "alias_of": known.aliases.get(member_id),
            "last_seen_day": max(filter(None, (seen, kept.get("last_seen_day"))), default=None),
            "code_failures": tries.get("failures", 0),
            "code_locked_until_ms": tries.get("locked_until_ms", 0),
        }
        return [values[name] for name in _DETAIL]

    def _card_index(self, store_id: str, card: _SealedCard | None) -> str | None:
        """Of the member's card under the store's key; what a till makes of the number it scans."""
        if card is None:
            return None
        key = open_member_key(self._keys, card.sealed_key)
        personal = None if key is None else decrypt_personal(key, card.card.member_id, card.card.personal)
        if personal is None:
            return None
        return blind_index(self._keys.blind_index_key(store_id), card_text(personal["card"]))

    def _verifier(self, store_id: str, code: tuple[bytes, bytes] | None) -> str | None:
        if code is None:
            return None
        salt, sealed = code
        stretched = open_member_key(self._keys, sealed)
        return None if stretched is None else verifier_text(self._keys.pin_pepper(store_id), salt, stretched)


@dataclass(frozen=True, slots=True)
class _SealedCard:
    """A member's card and the sealed key that opens it."""

    card: MemberCard
    sealed_key: bytes


@dataclass(frozen=True, slots=True)
class _Known:
    """What head office knows of some members, read in a few look-ups whatever their number."""

    states: dict[StateKey, State]
    codes: Mapping[str, tuple[bytes, bytes]]
    cards: Mapping[str, _SealedCard]
    aliases: Mapping[str, str]

    @classmethod
    def of(cls, txn: Txn, member_ids: Sequence[str]) -> _Known:
        cards = member_card.of_members(txn, member_ids)
        keys = masters.member_keys(txn, sorted(cards))
        return cls(
            _states(txn, member_ids),
            fold_state.member_codes(txn, member_ids),
            {each: _SealedCard(card, keys[each]) for each, card in cards.items() if each in keys},
            aliases_of(txn, member_ids),
        )


def _details(txn: Txn, scope: str, member_ids: Iterable[str]) -> dict[str, Row]:
    return masters.feed_rows_by_key(txn, "member_detail", scope, [[each] for each in member_ids])


def _states(txn: Txn, member_ids: Sequence[str]) -> dict[StateKey, State]:
    return fold_state.get(
        txn,
        [
            place
            for member_id in member_ids
            for place in (
                ("points", member_id),
                ("member_profile", member_id),
                ("member_code", member_id),
                ("stored_value", member_account(member_id)),
            )
        ],
    )


def _refreshed(row: Row, member: MemberRow, states: Mapping[StateKey, State], group: Sequence[str]) -> Row:
    """Points, tier and consents as the folds say; the restrictive answer wins on consent.

    `group`: ids confirmed as one member; the survivor, its first, has the points of all.
    """
    values = dict(zip(_MEMBER, row, strict=True))
    ledgers = group if group and group[0] == member.member_id else [member.member_id]
    values["points_balance"] = sum(balance(states.get(("points", each))) for each in ledgers)
    profile = states.get(("member_profile", member.member_id))
    if profile is not None:
        values["tier"] = field_value(profile, "tier") or member.tier
        values["consents"] = canonical_bytes(standing(member.consents, profile)).decode()
    return [values[name] for name in _MEMBER]


def _put(txn: Txn, kind: str, rows: Mapping[str, Sequence[Row]]) -> None:
    for scope, found in sorted(rows.items()):
        if found:
            feed.put_rows(txn, kind, scope, found)
