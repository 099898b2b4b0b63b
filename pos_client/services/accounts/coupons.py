"""Coupons at the till: scanned or typed, judged offline by their campaign's class, put on the basket.

`anywhere`: good offline wherever it is genuine (a QR coupon by its signature, a member's by his wallet).
`leased`: good only where its code was leased to. `online`: only when head office answers. What is refused
says why; what is taken is only claimed: the engine decides whether it gives anything (docs/promotions.md).
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from pos_client.replica import coupons as known
from pos_client.services.accounts.authorising import Authorised, Authorising, Wanted
from pos_client.services.basket.basket_keeper import BasketKeeper
from pos_client.services.counter import Counter
from pos_client.services.members.member_codes import require_not_frozen
from pos_client.services.members.phone_index import keyed_index
from pos_client.services.ports import NoPeers, PeersPort
from pos_client.services.refusals.accounts import (
    CouponComing,
    CouponForAnother,
    CouponForged,
    CouponNotHere,
    CouponOutOfTime,
    CouponUsed,
    UnknownCoupon,
)
from pos_core.customer.coupon_code import is_qr_coupon, parse_coupon_code, parse_qr_text
from pos_core.sale.basket import Basket
from pos_core.sale.claims import CouponClaim
from pos_core.sync.authorisation_messages import GrantedCoupon


@dataclass(frozen=True, slots=True)
class CouponLine:
    """A coupon as the till shows it.

    Attributes:
        held_out: it is on the basket.
        reason: why it gives nothing there (the engine's word), or "" where it gives or was not asked.
        amount_minor: what it takes off.
    """

    coupon_id: str
    campaign_id: str
    name: str
    name_en: str
    valid_to_ms: int
    held_out: bool = False
    reason: str = ""
    amount_minor: int = 0


class Coupons:
    """Front end's thread; a call is a few reads of the replica."""

    def __init__(
        self,
        counter: Counter,
        keeper: BasketKeeper,
        *,
        index_key: Callable[[], bytes],
        authorising: Authorising,
        peers: PeersPort | None = None,
    ) -> None:
        self._authorising = authorising
        self._counter = counter
        self._peers = peers or NoPeers()
        self._keeper = keeper
        self._index_key = index_key

    def present(self, text: str) -> CouponLine:
        """Hold out what was scanned or typed: a QR coupon, or a code of 14 letters and digits.

        Refusals: not_a_coupon, unknown_coupon, coupon_forged, coupon_for_another, coupon_out_of_time,
        coupon_used, coupon_coming (asked for next door: try again), coupon_not_here
        (with the campaign's class), member_frozen, authorisation_needed for what only head office can let
        go, and what scanning refuses.
        """
        self._counter.require_scanning()
        return self._hold_out(self._claim(text.strip()))

    def check(self, text: str) -> CouponLine:
        """What `present` would answer; nothing stays on the basket."""
        counter = self._counter
        counter.require_scanning()
        claim, before = self._claim(text.strip()), counter.basket
        self._require_good(claim)
        counter.basket = before.with_coupon(claim)
        try:
            return self._line(claim)
        finally:
            counter.basket = before

    def present_own(self, coupon_id: str) -> CouponLine:
        """Hold out a coupon of the member's wallet. Refusals as `present`."""
        self._counter.require_scanning()
        row = self._counter.replica.read(lambda c: known.coupon_of(c, coupon_id))
        member_id = self._counter.basket.member_id
        if row is None or row.member_id != member_id:
            raise UnknownCoupon("no such coupon of this member")
        return self._hold_out(self._of_wallet(row))

    def take_back(self, coupon_id: str) -> None:
        """Off the basket again."""
        self._counter.require_scanning()
        self._keep(self._counter.basket.without_coupon(coupon_id))

    def listing(self) -> tuple[CouponLine, ...]:
        """What is held out, with what it gives; then the rest of the member's wallet, first to end first."""
        counter = self._counter
        held = counter.basket.coupons
        lines = [self._line(claim) for claim in held]
        member_id = counter.basket.member_id
        if member_id is not None:
            taken = {claim.coupon_id for claim in held}
            for row in counter.replica.read(lambda c: known.coupons_of_member(c, member_id)):
                if row.coupon_id not in taken and row.state == "issued":
                    campaign = self._campaign(row.campaign_id)
                    if campaign is not None:
                        lines.append(_shown(row.coupon_id, campaign, row.valid_to_ms))
        return tuple(lines)

    def _claim(self, text: str) -> CouponClaim:
        return self._of_qr(text) if is_qr_coupon(text) else self._of_code(text)

    def _of_qr(self, text: str) -> CouponClaim:
        found = parse_qr_text(text)
        keys = self._counter.replica.read(known.signing_keys)
        public = keys.get(found.key_id)
        if public is None:
            raise CouponForged("no key in force signed it", key_id=found.key_id)
        try:
            key = Ed25519PublicKey.from_public_bytes(base64.b64decode(public))
            key.verify(found.signature, found.statement)
        except (InvalidSignature, ValueError):
            raise CouponForged("the signature does not fit", key_id=found.key_id) from None
        coupon = found.coupon
        if coupon.member_id and coupon.member_id != self._counter.basket.member_id:
            raise CouponForAnother("this coupon belongs to a member who is not on the basket")
        if coupon.member_id:
            require_not_frozen(self._counter, coupon.member_id)
        campaign = self._required_campaign(coupon.campaign_id)
        if campaign.offline_class != "anywhere":
            return self._online(coupon.coupon_id, campaign)
        return CouponClaim(
            coupon.coupon_id,
            coupon.campaign_id,
            starts_ms=coupon.starts_ms,
            ends_ms=coupon.ends_ms,
            member_id=coupon.member_id or None,
        )

    def _of_code(self, text: str) -> CouponClaim:
        shared = self._shared_code(text)
        if shared is not None:
            return shared
        code = parse_coupon_code(text)
        index = keyed_index(self._index_key(), "coupon:" + code)
        lease = self._counter.replica.read(lambda c: known.leased(c, index))
        if lease is not None and lease.expires_at_ms >= self._counter.time.instant_ms():
            campaign = self._required_campaign(lease.campaign_id)
            self._require_held(lease)
            return CouponClaim(
                lease.coupon_id,
                lease.campaign_id,
                starts_ms=campaign.valid_from_ms,
                ends_ms=campaign.valid_to_ms,
                authority="allowance",
                allowance_id=lease.allowance_id,
            )
        row = self._counter.replica.read(lambda c: known.coupon_by_code(c, index))
        if row is None:
            return self._online_by_code(code)
        if row.member_id != self._counter.basket.member_id:
            raise CouponForAnother("this coupon belongs to a member who is not on the basket")
        return self._of_wallet(row)

    def _require_held(self, lease: known.LeasedCoupon) -> None:
        """One workstation holds a leased coupon at a time, and only the holder takes it."""
        held = self._counter.allowance_book.slices().get(lease.allowance_id)
        if held is None and self._peers.seen():
            # One of the others may hold it: it comes within a moment, or the next try says the same.
            self._peers.bring_coupon(lease.allowance_id, lease.coupon_id)
            raise CouponComing("asked for at the store's other workstations")
        if held is None or held.lost:
            raise CouponNotHere("leased to another workstation, or its term is over", offline_class="leased")
        if lease.coupon_id in held.used_coupons:
            raise CouponUsed("used before")
        if lease.coupon_id not in held.coupons_left:
            raise CouponNotHere("handed over or given back", offline_class="leased")

    def _of_wallet(self, row: known.MemberCoupon) -> CouponClaim:
        require_not_frozen(self._counter, row.member_id)
        campaign = self._required_campaign(row.campaign_id)
        if row.state == "used":
            raise CouponUsed("used before")
        if row.state != "issued":
            raise UnknownCoupon("no longer good")
        if campaign.offline_class != "anywhere":
            return self._online(row.coupon_id, campaign)
        return CouponClaim(
            row.coupon_id,
            row.campaign_id,
            starts_ms=row.valid_from_ms,
            ends_ms=row.valid_to_ms,
            member_id=row.member_id,
        )

    def _online(self, coupon_id: str, campaign: known.Campaign) -> CouponClaim:
        """Of a class that nobody here may let go. Raises CouponNotHere, AuthorisationNeeded."""
        member_id = self._counter.basket.member_id or ""
        found = self._authorising.let(Wanted("coupon", coupon_id, 1, member_id=member_id))
        if found is None or found.coupon is None:
            raise CouponNotHere(
                "only when head office can be asked, or where it was leased to",
                offline_class=campaign.offline_class,
            )
        return _let_go(found, found.coupon)

    def _online_by_code(self, code: str) -> CouponClaim:
        """A code that this store does not know. Raises UnknownCoupon, AuthorisationNeeded."""
        member_id = self._counter.basket.member_id or ""
        found = self._authorising.let(Wanted("coupon", "", 1, member_id=member_id, code=code))
        if found is None or found.coupon is None:
            raise UnknownCoupon("this store does not know the code; it may be good elsewhere or online")
        self._required_campaign(found.coupon.campaign_id)
        return _let_go(found, found.coupon)

    def _shared_code(self, text: str) -> CouponClaim | None:
        """One code for everybody, as head office wrote it into the campaign."""
        wanted = text.upper()
        for campaign in self._counter.replica.read(known.campaigns):
            terms = campaign.terms if isinstance(campaign.terms, dict) else {}
            if str(terms.get("shared_code") or "").upper() == wanted and wanted:
                return CouponClaim(
                    wanted,
                    campaign.campaign_id,
                    starts_ms=campaign.valid_from_ms,
                    ends_ms=campaign.valid_to_ms,
                    member_id=self._counter.basket.member_id,
                    shared=True,
                )
        return None

    def _hold_out(self, claim: CouponClaim) -> CouponLine:
        self._require_good(claim)
        self._keep(self._counter.basket.with_coupon(claim))
        return self._line(claim)

    def _require_good(self, claim: CouponClaim) -> None:
        """In time, and not used as far as is known here."""
        now_ms = self._counter.time.instant_ms()
        if (claim.starts_ms or 0) > now_ms or (claim.ends_ms is not None and claim.ends_ms < now_ms):
            raise CouponOutOfTime("not valid now", ends_ms=claim.ends_ms)
        if not claim.shared:
            used = self._counter.shared.coupon_state(claim.campaign_id, claim.coupon_id, claim.member_id)
            if used.state == "used":
                raise CouponUsed("used before")

    def _line(self, claim: CouponClaim) -> CouponLine:
        campaign = self._required_campaign(claim.campaign_id)
        shown = _shown(claim.coupon_id, campaign, claim.ends_ms or campaign.valid_to_ms)
        outcome = self._counter.priced().coupon_outcome(claim.coupon_id)
        return CouponLine(
            shown.coupon_id,
            shown.campaign_id,
            shown.name,
            shown.name_en,
            shown.valid_to_ms,
            held_out=True,
            reason=outcome[0],
            amount_minor=outcome[1],
        )

    def _campaign(self, campaign_id: str) -> known.Campaign | None:
        return self._counter.replica.read(lambda c: known.campaign(c, campaign_id))

    def _required_campaign(self, campaign_id: str) -> known.Campaign:
        campaign = self._campaign(campaign_id)
        if campaign is None:
            raise UnknownCoupon("its campaign is not known here")
        return campaign

    def _keep(self, basket: Basket) -> None:
        self._counter.basket = basket
        if not basket.is_empty:
            self._keeper.keep(basket)


def _let_go(found: Authorised, coupon: GrantedCoupon) -> CouponClaim:
    return CouponClaim(
        coupon.coupon_id,
        coupon.campaign_id,
        starts_ms=coupon.starts_ms,
        ends_ms=coupon.ends_ms,
        member_id=coupon.member_id or None,
        authority="online",
        allowance_id=found.allowance_id,
    )


def _shown(coupon_id: str, campaign: known.Campaign, valid_to_ms: int) -> CouponLine:
    return CouponLine(coupon_id, campaign.campaign_id, campaign.name, campaign.name_en, valid_to_ms)
