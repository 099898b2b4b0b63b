"""One coupon asked for while a shopper waits: its own number, or the code that was typed."""

from __future__ import annotations

from pos_core.customer.coupon_code import NotACoupon, parse_coupon_code
from pos_core.sync.authorisation_messages import AuthorisationQuestion, AuthorisationRefused, GrantedCoupon
from sync_server.services.coupons import CouponDesk
from sync_server.services.shared import leased_coupons
from sync_server.services.shared.groups import alias_of
from sync_server.store import coupon
from sync_server.store.coupon import CouponRow
from sync_server.store.engine import Txn


class CouponsOnline:
    """See the module."""

    def __init__(self, desk: CouponDesk) -> None:
        self._desk = desk

    def find(self, txn: Txn, question: AuthorisationQuestion, now_ms: int) -> GrantedCoupon:
        """A coupon that may be taken now. Raises AuthorisationRefused."""
        row = self._row(txn, question)
        if row is None or row.state == "void":
            raise AuthorisationRefused("issued by nobody, or void", reason="unknown")
        if row.state == "used":
            raise AuthorisationRefused("used before", reason="used")
        if not row.valid_from_ms <= now_ms <= row.valid_to_ms:
            raise AuthorisationRefused("not valid now", reason="out_of_time")
        if row.member_id is not None:
            owner = alias_of(txn, row.member_id) or row.member_id
            if question.member_id not in (row.member_id, owner):
                raise AuthorisationRefused("another member's", reason="for_another")
        if leased_coupons.is_out(txn, [row.coupon_id]):
            raise AuthorisationRefused("a workstation holds it", reason="leased")
        return GrantedCoupon(
            row.coupon_id, row.campaign_id, row.member_id or "", row.valid_from_ms, row.valid_to_ms
        )

    def _row(self, txn: Txn, question: AuthorisationQuestion) -> CouponRow | None:
        if question.account:
            return coupon.get_many(txn, [question.account]).get(question.account)
        try:
            code = parse_coupon_code(question.code)
        except NotACoupon:
            return None
        return coupon.by_code(txn, self._desk.code_hash(code))
