"""One amount of one account let go while a shopper waits: reserved, used by a sale or given back.

It is an allowance like any other, for one account: its fold says how much is still out, so a document that
comes twice, late or never is what it is for all of them. What is out counts against the account until the
workstation has said what became of it, or was silent for `online_hold_hours`; from then on it is a part of
the published worst case.
"""

from __future__ import annotations

from dataclasses import dataclass

from pos_core.clock import Clock
from pos_core.customer.gift_card import is_card_account
from pos_core.customer.stored_value import member_of
from pos_core.ids import is_uuid
from pos_core.sync.allowance_ledger import given_up, is_revoked
from pos_core.sync.allowance_policy import AllowancePolicy
from pos_core.sync.authorisation_messages import (
    AMOUNT_MAX,
    WHAT,
    AuthorisationAnswer,
    AuthorisationQuestion,
    AuthorisationRefused,
    GrantedCoupon,
    authorisation_id,
)
from pos_core.sync.folds.allowance_use import spent_units
from pos_core.sync.folds.member_profile import field_value
from pos_core.sync.folds.points import balance
from pos_core.sync.folds.stamp import series_key
from pos_core.sync.folds.stored_value import balance_minor
from pos_core.sync.granted_allowance import GrantedAllowance
from sync_server.services.errors import MalformedRequest
from sync_server.services.freezing import FROZEN
from sync_server.services.question_limit import QuestionLimit
from sync_server.services.shared.allowances import freeze_of, granted_fact, policy_of
from sync_server.services.shared.authorised import out, state_of, tidy
from sync_server.services.shared.coupons_online import CouponsOnline
from sync_server.services.shared.folding import Folding
from sync_server.services.shared.groups import alias_of, groups_of
from sync_server.store import audit, authorisation, chain_state, fold_state, gift_card, masters
from sync_server.store.authorisation import ENDED, AuthorisationRow
from sync_server.store.engine import Store, Txn
from sync_server.store.workstation import WorkstationRow

QUESTIONS_A_MINUTE_MAX = 60
_TEXT_MAX = 100


@dataclass(frozen=True, slots=True)
class _Account:
    """What is asked for, as head office knows it: its amount, and the names that it goes by."""

    available: int
    names: tuple[str, ...]
    coupon: GrantedCoupon | None = None


class Authorisations:
    """See the module."""

    def __init__(self, store: Store, clock: Clock, folding: Folding, coupons: CouponsOnline) -> None:
        self._store = store
        self._clock = clock
        self._folding = folding
        self._coupons = coupons
        self._limit = QuestionLimit(clock, QUESTIONS_A_MINUTE_MAX)

    def ask(self, caller: WorkstationRow, question: AuthorisationQuestion) -> AuthorisationAnswer:
        """Lets the amount go, or says why not. Raises MalformedRequest, TooManyAttempts."""
        self._limit.count(caller.workstation_id)
        _check(question)
        if question.incarnation < caller.incarnation:
            raise MalformedRequest("an earlier incarnation", incarnation=caller.incarnation)
        return self._store.write(lambda txn: self._answer(txn, caller, question))

    def _answer(
        self, txn: Txn, caller: WorkstationRow, question: AuthorisationQuestion
    ) -> AuthorisationAnswer:
        epoch = chain_state.epoch(txn)
        try:
            return self._let_go(txn, caller, question, epoch)
        except AuthorisationRefused as error:
            available = error.facts.get("available", 0)
            return AuthorisationAnswer(epoch, None, str(error.facts["reason"]), int(str(available)))

    def _let_go(
        self, txn: Txn, caller: WorkstationRow, question: AuthorisationQuestion, epoch: str
    ) -> AuthorisationAnswer:
        now_ms = self._clock.now_ms()
        policy = policy_of(txn)
        own = series_key(caller.workstation_id, question.incarnation)
        allowance_id = authorisation_id(question.what, own, question.request_id)
        state = state_of(txn, allowance_id)
        freeze = freeze_of(txn, epoch, policy)
        if freeze is not None and freeze.holds(now_ms):
            raise AuthorisationRefused("waiting for holders after a restore", reason="restored")
        if state is not None and (given_up(state) or spent_units(state) or is_revoked(state)):
            raise AuthorisationRefused("given up before it was asked for", reason="ended")
        account = self._account(txn, question, now_ms)
        granted = authorisation.get(txn, allowance_id)
        if granted is None:
            tidy(txn, now_ms)
            self._require_enough(txn, caller, question, account, now_ms)
            grant = self._grant(txn, caller, question, account, policy, allowance_id)
        else:  # the answer was lost: the same again, and nothing more
            grant = _granted(allowance_id, granted.amount, policy)
        return AuthorisationAnswer(epoch, grant, available=account.available, coupon=account.coupon)

    def _require_enough(
        self,
        txn: Txn,
        caller: WorkstationRow,
        question: AuthorisationQuestion,
        account: _Account,
        now_ms: int,
    ) -> None:
        """Raises AuthorisationRefused where what is there is less than what is asked for and out."""
        rows = authorisation.open_of(txn, question.what, account.names)
        given_back = {
            row.allowance_id
            for row in rows
            if row.allowance_id == question.instead_of and row.workstation_id == caller.workstation_id
        }
        counted = out(txn, [row for row in rows if row.allowance_id not in given_back], now_ms)
        left = account.available - question.unheard - sum(counted.values())
        if question.amount > left:
            reason = "used" if question.what == "coupon" else "not_enough"
            raise AuthorisationRefused("not that much there", reason=reason, available=max(0, left))
        authorisation.set_state(txn, sorted(given_back), ENDED)

    def _grant(  # noqa: PLR0917 - what a row is made of
        self,
        txn: Txn,
        caller: WorkstationRow,
        question: AuthorisationQuestion,
        account: _Account,
        policy: AllowancePolicy,
        allowance_id: str,
    ) -> GrantedAllowance:
        now_ms = self._clock.now_ms()
        grant = _granted(allowance_id, question.amount, policy)
        row = AuthorisationRow(
            allowance_id,
            question.what,
            account.names[0],
            question.amount,
            caller.workstation_id,
            caller.store_id,
            now_ms,
            now_ms + policy.online_hold_ms,
        )
        authorisation.put(txn, row)
        self._folding.take_hq(txn, [granted_fact(caller.store_id, grant)], now_ms=now_ms)
        audit.add(
            txn,
            now_ms=now_ms,
            actor=caller.workstation_id,
            action="authorised",
            subject=account.names[0],
            store_id=caller.store_id,
            what=question.what,
            amount=question.amount,
            allowance_id=allowance_id,
        )
        return grant

    def _account(self, txn: Txn, question: AuthorisationQuestion, now_ms: int) -> _Account:
        """Raises AuthorisationRefused."""
        if question.what == "points":
            return _points(txn, question.account)
        if question.what == "stored_value":
            return _stored_value(txn, question.account)
        found = self._coupons.find(txn, question, now_ms)
        if found.member_id:
            _require_not_frozen(txn, found.member_id)
        return _Account(1, (found.coupon_id,), found)


def _points(txn: Txn, member_id: str) -> _Account:
    """All ids that are one member have one sum."""
    survivor = alias_of(txn, member_id) or member_id
    names = groups_of(txn, [survivor]).get(survivor, (survivor,))
    _require_known(txn, member_id)
    for each in names:
        _require_not_frozen(txn, each)
    states = fold_state.get(txn, [("points", each) for each in names])
    return _Account(sum(balance(state) for state in states.values()), tuple(names))


def _stored_value(txn: Txn, account_id: str) -> _Account:
    if is_card_account(account_id):
        card = gift_card.get_many(txn, [account_id]).get(account_id)
        if card is None:
            raise AuthorisationRefused("no card of this chain", reason="unknown")
        if card.blocked:
            raise AuthorisationRefused("the card was stopped", reason="blocked")
    else:
        member_id = member_of(account_id)
        if member_id is None:
            raise AuthorisationRefused("nobody's account", reason="unknown")
        _require_known(txn, member_id)
        _require_not_frozen(txn, member_id)
    key = ("stored_value", account_id)
    return _Account(balance_minor(fold_state.get(txn, [key]).get(key)), (account_id,))


def _require_known(txn: Txn, member_id: str) -> None:
    if not masters.members(txn, [member_id]) and not fold_state.get(txn, [("member_profile", member_id)]):
        raise AuthorisationRefused("no such member", reason="unknown")


def _require_not_frozen(txn: Txn, member_id: str) -> None:
    profile = fold_state.get(txn, [("member_profile", member_id)]).get(("member_profile", member_id))
    if profile is not None and field_value(profile, "status") == FROZEN:
        raise AuthorisationRefused("the account is frozen", reason="frozen")


def _granted(allowance_id: str, amount: int, policy: AllowancePolicy) -> GrantedAllowance:
    return GrantedAllowance(allowance_id, "online", amount, 1, policy.online_term_ms)


def _check(question: AuthorisationQuestion) -> None:
    texts = (question.account, question.instead_of, question.member_id, question.code)
    right = (
        question.what in WHAT
        and is_uuid(question.request_id)
        and 1 <= question.incarnation < 2**40
        and 1 <= question.amount <= (1 if question.what == "coupon" else AMOUNT_MAX)
        and 0 <= question.unheard <= AMOUNT_MAX
        and all(len(each) <= 2 * _TEXT_MAX for each in texts)
        and bool(question.account) != bool(question.code)
        and (question.what == "coupon" or not question.code)
    )
    if not right:
        raise MalformedRequest("an amount of one account is asked for")
