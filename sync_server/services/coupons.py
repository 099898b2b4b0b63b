"""Coupons as head office issues them: campaigns, signing keys, QR coupons, typed codes, members' wallets.

A QR coupon is good wherever its key is in force. A typed code is shown once and kept as a keyed hash; a
member's is known to the stores that know the member. A campaign's row goes to every workstation.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from pos_core.canonical import canonical_bytes
from pos_core.clock import Clock
from pos_core.customer.coupon_code import (
    RANDOM_BYTES,
    SignedCoupon,
    code_from,
    coupon_statement,
    printed_code,
    qr_text,
)
from pos_core.errors import Refusal
from pos_core.sync.reference import KINDS
from sync_server.services.acts import Act
from sync_server.services.data_folder import DataFolder, write_secret
from sync_server.services.identity import new_id
from sync_server.services.keys import ChainKeys
from sync_server.services.shared import leased_coupons
from sync_server.store import coupon, feed, masters
from sync_server.store.coupon import CouponRow
from sync_server.store.engine import Store, Txn

ISSUED_AT_ONCE_MAX = 10_000
CLASSES = ("anywhere", "leased", "online")
_HashOf = Callable[[str], str]
_TextOf = Callable[[CouponRow], str]
_CAMPAIGN = KINDS["coupon_campaign"].column_names


class NoSuchCampaign(Refusal):
    """Head office has no coupon campaign with this id."""

    code = "no_such_campaign"


class BadCampaign(Refusal):
    """A campaign or an issue that makes no sense; `facts` name the field."""

    code = "bad_campaign"


class NoSuchCoupon(Refusal):
    """Head office issued no such coupon, or no key with this id is in force."""

    code = "no_such_coupon"


class NoCouponKey(Refusal):
    """QR coupons need a coupon key: make one first."""

    code = "no_coupon_key"


@dataclass(frozen=True, slots=True)
class Campaign:
    """A row of `coupon_campaign` (pos_core/sync/reference.py)."""

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
    shared_code: str | None = None


@dataclass(frozen=True, slots=True)
class Issued:
    """One coupon as it goes out. `text`: what the QR code says, or the printed code; shown once."""

    coupon_id: str
    campaign_id: str
    member_id: str | None
    text: str


class CouponDesk:
    """See the module."""

    def __init__(self, store: Store, keys: ChainKeys, folder: DataFolder, clock: Clock) -> None:
        self._store = store
        self._keys = keys
        self._folder = folder
        self._clock = clock

    def put_campaign(self, act: Act, campaign: Campaign) -> None:
        """A new campaign, or another version of it. Raises BadCampaign."""
        if campaign.offline_class not in CLASSES:
            raise BadCampaign("anywhere, leased or online", field="offline_class")
        if campaign.valid_to_ms <= campaign.valid_from_ms or campaign.uses_max < 0:
            raise BadCampaign("it ends before it begins, or allows less than no use", field="valid_to_ms")
        self._store.write(lambda txn: self.put_campaign_in(txn, act, campaign))

    def put_campaign_in(self, txn: Txn, act: Act, campaign: Campaign) -> None:
        """The same in a transaction under way; the campaign was checked."""
        row = [
            *(getattr(campaign, name) for name in _CAMPAIGN[:-1]),
            canonical_bytes({"shared_code": campaign.shared_code}).decode(),
        ]
        feed.put_rows(txn, "coupon_campaign", "chain", [row])
        act.note(txn, self._clock.now_ms(), "coupon_campaign_set", campaign.campaign_id)

    def new_key(self, act: Act) -> str:
        """A fresh signing key for QR coupons; coupons of the ones before stay good. Returns its id."""
        seed = secrets.token_bytes(32)
        public = Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()
        key_id = _key_id(seed)
        path = self._folder.keys / "coupon.key"
        path.unlink(missing_ok=True)
        write_secret(path, seed)

        def write(txn: Txn) -> None:
            row = [key_id, base64.b64encode(public).decode(), "active"]
            feed.put_rows(txn, "coupon_key", "chain", [row])
            act.note(txn, self._clock.now_ms(), "coupon_key_made", key_id)

        self._store.write(write)
        return key_id

    def revoke_key(self, act: Act, key_id: str) -> None:
        """Every QR coupon that it signed is refused from the next contact on. Raises NoSuchCoupon."""

        def write(txn: Txn) -> None:
            row = feed.row_by_key(txn, "coupon_key", "chain", [key_id])
            if row is None or row[2] != "active":
                raise NoSuchCoupon("no key in force has this id", key_id=key_id[:40])
            feed.put_rows(txn, "coupon_key", "chain", [[row[0], row[1], "revoked"]])
            act.note(txn, self._clock.now_ms(), "coupon_key_revoked", key_id)

        self._store.write(write)

    def issue_qr(self, act: Act, campaign_id: str, count: int, member_id: str | None = None) -> list[Issued]:
        """Signed coupons for whoever holds one, or for one member.

        Raises NoSuchCampaign, BadCampaign, NoCouponKey.
        """
        signer, key_id = self.signer()

        def made(row: CouponRow) -> str:
            said = SignedCoupon(
                row.coupon_id, campaign_id, row.valid_from_ms, row.valid_to_ms, row.member_id or ""
            )
            return qr_text(said, key_id, signer.sign(coupon_statement(said, key_id)))

        return self._store.write(
            lambda txn: self._issue(txn, act, campaign_id, [member_id] * count, lambda _: "", made)
        )

    def issue_codes(self, act: Act, campaign_id: str, member_ids: Sequence[str | None]) -> list[Issued]:
        """Typed codes, one for each of `member_ids` (None: whoever types it), into the members' wallets.

        Raises NoSuchCampaign, BadCampaign.
        """
        return self._store.write(lambda txn: self.issue_codes_in(txn, act, campaign_id, member_ids))

    def issue_codes_in(
        self,
        txn: Txn,
        act: Act,
        campaign_id: str,
        member_ids: Sequence[str | None],
        *,
        valid_to_ms: int | None = None,
    ) -> list[Issued]:
        """The same in a transaction under way; good up to `valid_to_ms` where the campaign ends later."""
        codes: dict[str, str] = {}

        def hash_of(coupon_id: str) -> str:
            codes[coupon_id] = code_from(secrets.token_bytes(RANDOM_BYTES))
            return self.code_hash(codes[coupon_id])

        def text_of(row: CouponRow) -> str:
            return printed_code(codes[row.coupon_id])

        issued = self._issue(txn, act, campaign_id, member_ids, hash_of, text_of, valid_to_ms)
        self._into_wallets(txn, [each for each in issued if each.member_id is not None], codes)
        return issued

    def revoke(self, act: Act, coupon_ids: Sequence[str]) -> int:
        """These coupons are void at head office and in every wallet. Raises NoSuchCoupon (none is changed).

        A QR coupon for anybody is judged by its signature alone while a store is offline: its use is ruled
        on, or its key revoked.
        """
        return self._store.write(lambda txn: self.revoke_in(txn, act, coupon_ids))

    def revoke_in(self, txn: Txn, act: Act, coupon_ids: Sequence[str]) -> int:
        """The same in a transaction under way."""
        known = coupon.get_many(txn, coupon_ids)
        missing = [each for each in coupon_ids if each not in known]
        if missing:
            raise NoSuchCoupon("never issued", coupon_id=missing[0][:80])
        state = KINDS["member_coupon"].column_names.index("state")
        leased_coupons.end(txn, coupon_ids)
        for coupon_id in coupon_ids:
            coupon.set_state(txn, coupon_id, "void")
            for scope in sorted(masters.scopes_with_key(txn, "member_coupon", [coupon_id])):
                row = masters.feed_rows_by_key(txn, "member_coupon", scope, [[coupon_id]])[coupon_id]
                row[state] = "void"
                feed.put_rows(txn, "member_coupon", scope, [row])
            act.note(txn, self._clock.now_ms(), "coupon_revoked", coupon_id)
        return len(coupon_ids)

    def find(self, code: str) -> CouponRow | None:
        """The coupon with this typed code (14 digits)."""
        return self._store.read(lambda txn: coupon.by_code(txn, self.code_hash(code)))

    def store_index(self, store_id: str, code: str) -> str:
        """What a store's workstations look a typed code up by."""
        key = self._keys.blind_index_key(store_id)
        return hmac.digest(key, f"coupon:{code}".encode(), hashlib.sha256)[:16].hex()

    def code_hash(self, code: str) -> str:
        """What head office keeps of a typed code (14 digits)."""
        return hmac.digest(self._keys.member_index, f"coupon:{code}".encode(), hashlib.sha256).hex()

    def _issue(  # noqa: PLR0917 - what differs between kinds is two functions
        self,
        txn: Txn,
        act: Act,
        campaign_id: str,
        member_ids: Sequence[str | None],
        hash_of: _HashOf,
        text_of: _TextOf,
        valid_to_ms: int | None = None,
    ) -> list[Issued]:
        campaign = feed.row_by_key(txn, "coupon_campaign", "chain", [campaign_id])
        if campaign is None:
            raise NoSuchCampaign("no such campaign", campaign_id=campaign_id[:80])
        if not 0 < len(member_ids) <= ISSUED_AT_ONCE_MAX:
            raise BadCampaign(f"1 to {ISSUED_AT_ONCE_MAX} at once", field="count")
        named = sorted({each for each in member_ids if each is not None})
        if set(named) - set(masters.members(txn, named)):
            raise BadCampaign("a member whom head office does not know", field="member")
        said = dict(zip(_CAMPAIGN, campaign, strict=True))
        now_ms = self._clock.now_ms()
        end_ms = said["valid_to_ms"] if valid_to_ms is None else min(said["valid_to_ms"], valid_to_ms)
        rows = [
            CouponRow(
                coupon_id,
                campaign_id,
                member_id,
                hash_of(coupon_id),
                "issued",
                said["valid_from_ms"],
                end_ms,
                None,
                now_ms,
            )
            for coupon_id, member_id in ((new_id(self._clock), each) for each in member_ids)
        ]
        coupon.put(txn, rows)
        act.note(txn, now_ms, "coupons_issued", campaign_id, count=len(rows))
        return [Issued(row.coupon_id, campaign_id, row.member_id, text_of(row)) for row in rows]

    def _into_wallets(self, txn: Txn, issued: Sequence[Issued], codes: dict[str, str]) -> None:
        rows = coupon.get_many(txn, [each.coupon_id for each in issued])
        by_scope: dict[str, list[list[object]]] = {}
        for each in issued:
            row = rows[each.coupon_id]
            for scope in masters.scopes_with_key(txn, "member", [each.member_id]):
                index = self.store_index(scope.removeprefix("store:"), codes[row.coupon_id])
                by_scope.setdefault(scope, []).append(
                    [
                        row.coupon_id,
                        each.member_id,
                        row.campaign_id,
                        row.state,
                        index,
                        row.valid_from_ms,
                        row.valid_to_ms,
                    ]
                )
        for scope, found in sorted(by_scope.items()):
            feed.put_rows(txn, "member_coupon", scope, found)

    def signer(self) -> tuple[Ed25519PrivateKey, str]:
        """The coupon key in force and its id. Raises NoCouponKey."""
        try:
            seed = (self._folder.keys / "coupon.key").read_bytes()
        except OSError:
            raise NoCouponKey("make a coupon key first") from None
        key_id = _key_id(seed)
        row = self._store.read(lambda txn: feed.row_by_key(txn, "coupon_key", "chain", [key_id]))
        if row is None or row[2] != "active":
            raise NoCouponKey("the coupon key was revoked: make another", key_id=key_id)
        return Ed25519PrivateKey.from_private_bytes(seed), key_id


def _key_id(seed: bytes) -> str:
    public = Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()
    return "c" + hashlib.sha256(public).hexdigest()[:15]
