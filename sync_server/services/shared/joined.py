"""Members who joined or were edited at a till, as head office knows them once it can open their boxes.

The document and the key of its box come on two ways and in either order. Whichever comes second brings the
phone number into the folds, under the document's own stamp, so the states are the same bytes both ways.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from pos_core.canonical import canonical_bytes
from pos_core.clock import HybridTime
from pos_core.customer.member import FIRST_TIER
from pos_core.sync.folds import Fact, Stamp, facts_of
from pos_core.sync.folds.facts import ProfileEdited
from pos_core.sync.folds.stamp import HQ, hlc_ms
from pos_core.sync.reference import KINDS
from sync_server.services.keys import ChainKeys
from sync_server.services.personal_data import (
    blind_index,
    decrypt_personal,
    encrypt_personal,
    new_member_key,
    open_member_key,
    seal_member_key,
)
from sync_server.services.shared.boxes import (
    Document,
    Opened,
    boxed,
    open_boxes,
    opened_of,
    stamp_of,
)
from sync_server.services.shared.members import MemberRows
from sync_server.store import chain_state, feed, fold_state, masters, member_box
from sync_server.store.engine import Txn
from sync_server.store.masters import MemberRow

_REGION = KINDS["store"].column_names.index("region")


def phone_key(keys: ChainKeys, phone: str) -> str:
    """How the folds name a phone number: a blind index under head office's own key."""
    return "hq:" + blind_index(keys.member_index, phone)


class Joined:
    """Used inside the transaction that takes documents or keys."""

    def __init__(self, keys: ChainKeys, rows: MemberRows) -> None:
        self._keys = keys
        self._rows = rows

    def open(self, txn: Txn, documents: Sequence[Document]) -> list[Opened]:
        """Notes the boxes in fresh documents of one series and opens those whose keys came before."""
        found = boxed(documents)
        if not found:
            return []
        member_box.note(
            txn,
            [
                (each["workstation_id"], each["incarnation"], each["number"], each["body"]["member_id"])
                for each in found
            ],
        )
        return open_boxes(txn, self._keys, found)

    def with_phones(self, facts: Sequence[Fact], opened: Sequence[Opened]) -> list[Fact]:
        """The facts of one series with the phone numbers that head office can read now."""
        phones = {each.document["number"]: each.phone for each in opened if each.phone is not None}
        return [
            replace(fact, claims_phone=True, phone_index=phone_key(self._keys, phone))
            if isinstance(fact, ProfileEdited)
            and (phone := phones.get(fact.stamp.number)) is not None
            and not fact.stamp.by_hq
            else fact
            for fact in facts
        ]

    def facts_again(self, txn: Txn, opened: Sequence[Opened]) -> list[Fact]:
        """What documents say that were folded before their boxes could be opened."""
        facts: list[Fact] = []
        for one in opened:
            document = one.document
            bounds = fold_state.bounds(txn, document["workstation_id"], document["incarnation"])
            bound = bounds.get(document["number"])
            said = facts_of(document, document["body"], hlc_bound=bound, lean=True)
            edited = [each for each in said if isinstance(each, ProfileEdited)]
            facts += self.with_phones(edited, [one])
        return facts

    def holders(self, txn: Txn, opened: Sequence[Opened]) -> list[ProfileEdited]:
        """Claims of members whom head office knew by these numbers already, and no fold does.

        An imported member has no facts until somebody else gives the same number. Stamps are head office's
        own; their numbers begin at 0 and are for the caller to raise.
        """
        indexes = {blind_index(self._keys.member_index, each.phone) for each in opened if each.phone}
        claimants = masters.members_by_phone_index(txn, sorted(indexes))
        states = fold_state.get(txn, [("member_profile", each.member_id) for each in claimants])
        found = []
        for place, row in enumerate(claimants):
            state = states.get(("member_profile", row.member_id))
            index = "hq:" + row.phone_index
            if state is None or all(claim[1] != index for claim in state["phones"]):
                since = row.known_since_ms or chain_state.created_at_ms(txn)
                stamp = Stamp(HybridTime(since, 0).as_text(), HQ, 1, 0, place)
                found.append(
                    ProfileEdited(
                        stamp,
                        row.home_store_id,
                        row.member_id,
                        joined=True,
                        claims_phone=True,
                        phone_index=index,
                    )
                )
        return found

    def enter(self, txn: Txn, opened: Sequence[Opened]) -> None:
        """Head office's own rows of these members, and their rows in the stores of their scope."""
        ids = sorted({each.member_id for each in opened})
        if not ids:
            return
        known = masters.members(txn, ids)
        told = opened_of(txn, self._keys, ids)
        for member_id in ids:
            mine = [each for each in told if each.member_id == member_id]
            self._enter_one(txn, member_id, mine, known.get(member_id))
        self._enter_codes(txn, told)

    def _enter_codes(self, txn: Txn, told: Sequence[Opened]) -> None:
        """The code that was set last, of each: the stores that know the member get verifiers of it."""
        since = {each: _said_by_head_office(txn, each) for each in {one.member_id for one in told}}
        newest = {
            each.member_id: each.code
            for each in told
            if each.code is not None and stamp_of(txn, each.document) > since[each.member_id].get("code", ())
        }
        before = fold_state.member_codes(txn, sorted(newest))
        changed = []
        for member_id, (salt, stretched) in sorted(newest.items()):
            kept = before.get(member_id)
            if kept is None or kept[0] != salt:
                changed.append((member_id, salt, seal_member_key(self._keys, stretched)))
        fold_state.put_member_codes(txn, changed)
        if changed:
            self._rows.refresh(txn, [member_id for member_id, _, _ in changed])

    def _enter_one(self, txn: Txn, member_id: str, told: Sequence[Opened], old: MemberRow | None) -> None:
        if old is None and all(each.document["type"] != "member_joined" for each in told):
            return  # an edit that came before the joining: that brings the rest
        key, personal = self._personal(txn, member_id, old)
        before = dict(personal)
        since = _said_by_head_office(txn, member_id)
        for each in told:
            stands = stamp_of(txn, each.document)
            personal |= {
                name: value for name, value in each.personal().items() if stands > since.get(name, ())
            }
        if "phone" not in personal or (old is not None and personal == before):
            return
        row = self._row(txn, member_id, told, old)
        sealed = encrypt_personal(key, member_id, personal)
        index = blind_index(self._keys.member_index, personal["phone"])
        month = int(personal["birthday"][5:7]) if personal.get("birthday") else None
        row = replace(row, personal=sealed, phone_index=index, birthday_month=month)
        masters.put_member_keys(txn, [(member_id, seal_member_key(self._keys, key))])
        masters.put_members(txn, [row])
        here = {scope.removeprefix("store:") for scope in masters.scopes_with_key(txn, "member", [member_id])}
        self._rows.add(txn, row, sorted(here | set(stores_of(txn, row.home_store_id))))

    def _personal(self, txn: Txn, member_id: str, old: MemberRow | None) -> tuple[bytes, dict[str, Any]]:
        sealed = None if old is None else masters.member_keys(txn, [member_id]).get(member_id)
        key = None if sealed is None else open_member_key(self._keys, sealed)
        if old is None or key is None:
            return new_member_key(), {}
        return key, decrypt_personal(key, member_id, old.personal) or {}

    def _row(self, txn: Txn, member_id: str, told: Sequence[Opened], old: MemberRow | None) -> MemberRow:
        if old is not None:
            return old
        first: Mapping[str, Any] = next(
            each.document for each in told if each.document["type"] == "member_joined"
        )
        consents = canonical_bytes(first["body"].get("consents") or {}).decode()
        tiers = feed.policy(txn, "member_tiers") or []
        tier = str(tiers[0]["code"]) if tiers else FIRST_TIER
        since = hlc_ms(first["hlc"])
        return MemberRow(member_id, first["store_id"], tier, 0, None, consents, b"", "", since)


def _said_by_head_office(txn: Txn, member_id: str) -> dict[str, tuple[Any, ...]]:
    """Personal fields that head office said last, with the stamp of that: what tills said before is over."""
    profile = fold_state.get(txn, [("member_profile", member_id)]).get(("member_profile", member_id)) or {}
    fields = profile.get("fields", {})
    return {name: tuple(stamp[:4]) for name, (stamp, _) in fields.items() if stamp[1] == HQ}


def stores_of(txn: Txn, home_store_id: str) -> list[str]:
    """Stores whose workstations know a member: policy `member_scope` home_store | region | chain."""
    scope = feed.policy(txn, "member_scope") or "region"
    if scope == "home_store":
        return [home_store_id]
    stores = {str(row[0]): row[_REGION] for row in feed.rows_of(txn, "store", "chain")}
    if scope == "chain":
        return sorted(stores)
    region = stores.get(home_store_id)
    return sorted({home_store_id, *(each for each, of in stores.items() if of == region)})
