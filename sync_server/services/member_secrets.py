"""What proves a member: rotating codes for his app, and his own code taken away when he has forgotten it.

A rotating code is a coupon key's signature over the member and a moment, as a till checks it with no network
(docs/security.md, "The member's code").
"""

from __future__ import annotations

from functools import partial

from pos_core.clock import Clock
from pos_core.customer.member_code import app_code_statement, app_code_text
from pos_core.sync.authorisation_messages import AppCode, AppCodeQuestion
from pos_core.sync.folds.facts import ProfileEdited
from pos_core.sync.folds.stamp import Stamp
from sync_server.services.acts import Act
from sync_server.services.coupons import CouponDesk, NoCouponKey
from sync_server.services.erasures import NoSuchMember
from sync_server.services.errors import NotFound, Unavailable
from sync_server.services.question_limit import QuestionLimit
from sync_server.services.shared.erasing import is_known
from sync_server.services.shared.folding import Folding
from sync_server.services.shared.groups import alias_of, groups_of
from sync_server.store import audit, erasure, fold_state
from sync_server.store.engine import Store, Txn

GOOD_MS = 120_000
"""How long a rotating code is good; the app asks for the next one after half of it."""
CODES_A_MINUTE_MAX = 10
"""Of one member at one server process."""
APP_CHANNEL = "member-app"
_ID_MAX = 100


class AppCodes:
    """For a channel that has signed its member in."""

    def __init__(self, store: Store, coupons: CouponDesk, clock: Clock) -> None:
        self._store = store
        self._coupons = coupons
        self._clock = clock
        self._limit = QuestionLimit(clock, CODES_A_MINUTE_MAX)

    def issue(self, channel: str, question: AppCodeQuestion) -> AppCode:
        """The text of the next QR code of this member's app. Each has an audit row.

        Raises NotFound (no such member), Unavailable (no coupon key yet), TooManyAttempts.
        """
        asked = question.member_id[:_ID_MAX]
        try:
            signer, key_id = self._coupons.signer()
        except NoCouponKey:
            raise Unavailable("head office has no coupon key that is in force") from None
        now_ms = self._clock.now_ms()

        def write(txn: Txn) -> str:
            member_id = alias_of(txn, asked) or asked
            if not is_known(txn, asked) or _is_erased(txn, asked, member_id):
                raise NotFound("no such member")
            self._limit.count(member_id)
            audit.add(txn, now_ms=now_ms, actor=channel, action="member_app_code", subject=member_id)
            return member_id

        member_id, until_ms = self._store.write(write), now_ms + GOOD_MS
        signature = signer.sign(app_code_statement(member_id, until_ms, key_id))
        return AppCode(app_code_text(member_id, until_ms, key_id, signature), until_ms)


class CodeReset:
    """Head office takes a member's own code away; he chooses another at a till."""

    def __init__(self, store: Store, clock: Clock, folding: Folding) -> None:
        self._store = store
        self._clock = clock
        self._folding = folding

    def reset(self, act: Act, member_id: str) -> None:
        """No store has a verifier of it any more after its next contact. Raises NoSuchMember.

        A code that a till set before and tells of later is over too: this is the newer word on the field.
        """
        now_ms = self._clock.now_ms()

        def write(txn: Txn) -> None:
            survivor = alias_of(txn, member_id) or member_id
            if not is_known(txn, member_id) or _is_erased(txn, member_id, survivor):
                raise NoSuchMember("no member with this id", member_id=member_id[:80])
            ids = sorted({member_id, survivor, *groups_of(txn, [survivor]).get(survivor, ())})
            fold_state.drop_member_codes(txn, ids)
            self._folding.take_hq(txn, [partial(_no_code, each) for each in ids], now_ms=now_ms)
            for each in ids:
                act.note(txn, now_ms, "member_code_reset", each)

        self._store.write(write)


def _no_code(member_id: str, stamp: Stamp) -> ProfileEdited:
    return ProfileEdited(stamp, "", member_id, fields={"code": None})


def _is_erased(txn: Txn, *member_ids: str) -> bool:
    return any(erasure.of_member(txn, each) is not None for each in member_ids)
