"""Coupons that this store knows: campaigns, signing keys, members' own, and those leased to it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from pos_client.storage.connection import Connection

_CAMPAIGN = (
    "SELECT campaign_id, name, name_en, promotion_id, offline_class, uses_max, per_member_max, budget_minor,"
    " valid_from_ms, valid_to_ms, terms FROM coupon_campaign"
)
_COUPON = (
    "SELECT coupon_id, member_id, campaign_id, state, code_index, valid_from_ms, valid_to_ms"
    " FROM member_coupon"
)
_LEASE = (
    "SELECT code_index, campaign_id, coupon_id, allowance_id, expires_at_ms FROM coupon_lease"
    " WHERE code_index = ?"
)
_KEYS = (
    "SELECT key_id, public_key FROM coupon_key WHERE state = 'active' AND key_id NOT IN"
    " (SELECT named.value FROM release_state, json_each(manifest, '$.revoked_coupon_keys') AS named)"
)


@dataclass(frozen=True, slots=True)
class Campaign:
    """A coupon campaign. `uses_max` 0: no limit; `offline_class`: anywhere, leased or online."""

    campaign_id: str
    name: str
    name_en: str
    promotion_id: str
    offline_class: str
    uses_max: int
    per_member_max: int | None
    budget_minor: int | None
    valid_from_ms: int
    valid_to_ms: int
    terms: Any

    def is_leased(self, now_ms: int) -> bool:
        """Its budget is handed out to workstations: it has one, and nobody needs to be asked each time."""
        return bool(self.budget_minor) and self.offline_class != "online" and self.valid_to_ms > now_ms


@dataclass(frozen=True, slots=True)
class MemberCoupon:
    """A coupon in a member's wallet. `state`: issued, used or void."""

    coupon_id: str
    member_id: str
    campaign_id: str
    state: str
    code_index: str
    valid_from_ms: int
    valid_to_ms: int


@dataclass(frozen=True, slots=True)
class LeasedCoupon:
    """A coupon that only this store may take while it is offline, until `expires_at_ms`."""

    code_index: str
    campaign_id: str
    coupon_id: str
    allowance_id: str
    expires_at_ms: int


def campaign(connection: Connection, campaign_id: str) -> Campaign | None:
    """A campaign by its id."""
    row = connection.execute(f"{_CAMPAIGN} WHERE campaign_id = ?", (campaign_id,)).fetchone()
    return None if row is None else _campaign(row)


def campaigns(connection: Connection) -> list[Campaign]:
    """All of the chain's, by id."""
    return [_campaign(row) for row in connection.execute(f"{_CAMPAIGN} ORDER BY campaign_id").fetchall()]


def coupon_of(connection: Connection, coupon_id: str) -> MemberCoupon | None:
    """A member's coupon by its own number."""
    row = connection.execute(f"{_COUPON} WHERE coupon_id = ?", (coupon_id,)).fetchone()
    return None if row is None else MemberCoupon(*row)


def coupon_by_code(connection: Connection, code_index: str) -> MemberCoupon | None:
    """A member's coupon by the keyed hash of its typed code."""
    row = connection.execute(f"{_COUPON} WHERE code_index = ?", (code_index,)).fetchone()
    return None if row is None else MemberCoupon(*row)


def coupons_of_member(connection: Connection, member_id: str) -> list[MemberCoupon]:
    """A member's wallet, what ends first before the rest."""
    rows = connection.execute(f"{_COUPON} WHERE member_id = ? ORDER BY valid_to_ms, coupon_id", (member_id,))
    return [MemberCoupon(*row) for row in rows.fetchall()]


def count_good(connection: Connection, member_id: str, now_ms: int) -> int:
    """How many coupons of the member's wallet could be held out now."""
    wallet = coupons_of_member(connection, member_id)
    return sum(row.state == "issued" and row.valid_from_ms <= now_ms <= row.valid_to_ms for row in wallet)


def leased(connection: Connection, code_index: str) -> LeasedCoupon | None:
    """A coupon leased to this store, by the keyed hash of its typed code."""
    row = connection.execute(_LEASE, (code_index,)).fetchone()
    return None if row is None else LeasedCoupon(*row)


def leases(connection: Connection) -> dict[str, int]:
    """allowance id → when its lease ends (epoch milliseconds), of all that this store was leased."""
    return dict(connection.execute("SELECT allowance_id, expires_at_ms FROM coupon_lease").fetchall())


def signing_keys(connection: Connection) -> dict[str, str]:
    """key_id → base64 Ed25519 public key of those that neither the feed nor a signed release revoked."""
    return dict(connection.execute(_KEYS).fetchall())


def _campaign(row: tuple[Any, ...]) -> Campaign:
    return Campaign(*(*row[:-1], json.loads(row[-1])))
