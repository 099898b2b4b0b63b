"""What head office knows of the members of a batch of notices: may they be told, how, and in which words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pos_core.sync.folds import State
from pos_core.sync.folds.member_profile import consent, field_value
from sync_server.services.campaigns.audience import agrees
from sync_server.services.importing.context import chain_view
from sync_server.services.keys import ChainKeys
from sync_server.services.notices.kinds import ADDRESS, PURPOSE
from sync_server.services.personal_data import decrypt_personal, open_member_key
from sync_server.services.shared.groups import alias_of
from sync_server.store import erasure, fold_state, masters
from sync_server.store.engine import Txn
from sync_server.store.masters import MemberRow


@dataclass(frozen=True, slots=True)
class Recipient:
    """One member. `gone`: why nothing can be said to him; "" when something can."""

    member_id: str
    gone: str
    region: str = ""
    agrees: bool = False
    refused: frozenset[str] = frozenset()
    addresses: Mapping[str, str] | None = None
    words: Mapping[str, str] | None = None
    store_id: str = ""

    def address(self, channel: str) -> dict[str, str]:
        """What a channel's receiver is told of him; {} where it is not known."""
        kind = ADDRESS[channel]
        found = (self.addresses or {}).get(kind, "")
        return {kind: found} if found else {}


def recipients(txn: Txn, keys: ChainKeys, member_ids: Sequence[str]) -> dict[str, Recipient]:
    """Every one of `member_ids`; personal fields are opened here and go no further than the message."""
    ids = sorted(set(member_ids))
    rows, sealed = masters.members(txn, ids), masters.member_keys(txn, ids)
    states = fold_state.get(txn, [("member_profile", each) for each in ids])
    erased = erasure.erased_among(txn, ids)
    stores = chain_view(txn).stores
    found = {}
    for member_id in ids:
        row, profile = rows.get(member_id), states.get(("member_profile", member_id))
        if row is None or member_id in erased or member_id not in sealed:
            found[member_id] = Recipient(member_id, "member_gone")
        elif profile is not None and field_value(profile, "status") not in (None, "active"):
            found[member_id] = Recipient(member_id, "member_frozen")
        elif alias_of(txn, member_id) is not None:
            found[member_id] = Recipient(member_id, "member_merged")
        else:
            found[member_id] = _known(
                keys, row, sealed[member_id], profile, stores.get(row.home_store_id, {})
            )
    return found


def _known(
    keys: ChainKeys, row: MemberRow, sealed: bytes, profile: State | None, store: Mapping[str, Any]
) -> Recipient:
    key = open_member_key(keys, sealed)
    clear = (decrypt_personal(key, row.member_id, row.personal) if key is not None else None) or {}
    refused = {channel for channel in ADDRESS if profile is not None and consent(profile, channel) is False}
    tier = str((profile and field_value(profile, "tier")) or row.tier)
    return Recipient(
        row.member_id,
        "",
        str(store.get("region", "")),
        agrees(row, profile, PURPOSE),
        frozenset(refused),
        {
            "phone": str(clear.get("phone", "")),
            "email": str(clear.get("email", "")),
            "member": row.member_id,
        },
        {"name": str(clear.get("name", "")), "store": str(store.get("name", "")), "tier": tier},
        row.home_store_id,
    )
