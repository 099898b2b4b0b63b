"""Head office is asked while a shopper waits: one amount of one account, reserved until the sale or not.

Who needs it calls `let`. Where head office let it go already, that answers the allowance for it; where it
can be asked, AuthorisationNeeded is raised, whose fact `question` names the question; the front end has it
asked (`ask`) and repeats the call. None: nobody answers, so it is for a manager. What was let go and is
named by no basket and no payment any more is given back (`tidy`); a crash gives it back at the next start.
"""

from __future__ import annotations

import secrets
import threading
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

from pos_client.services.basket.basket_keeper import BasketKeeper
from pos_client.services.counter import Counter
from pos_client.services.refusals.accounts import (
    AuthorisationNeeded,
    CouponForAnother,
    CouponNotHere,
    CouponOutOfTime,
    CouponUsed,
    GiftCardBlocked,
    NotEnoughPoints,
    NotEnoughStoredValue,
    UnknownCoupon,
    UnknownGiftCard,
)
from pos_client.services.refusals.members import MemberFrozen, UnknownMember
from pos_core.errors import Refusal, Trouble
from pos_core.ids import uuid7
from pos_core.sync.allowance import AllowanceRefused, Grant, Instant
from pos_core.sync.authorisation_messages import (
    AuthorisationAnswer,
    AuthorisationQuestion,
    GrantedCoupon,
    What,
    authorisation_id,
)

AskAuthorisation = Callable[[AuthorisationQuestion], Future[AuthorisationAnswer]]
OPEN_MAX = 20
"""Questions remembered that were not asked yet."""
TRIES = 2
"""A lost answer is asked for once more, under the same name: it reserves nothing more."""
KEPT_MS = 30_000
"""A silence is believed for so long, and what was just let go is not given back."""
MANAGER_DECIDES = frozenset({"restored", "ended"})


@dataclass(frozen=True, slots=True)
class Wanted:
    """An amount of an account (`AuthorisationQuestion`): points, minor units, or one coupon."""

    what: What
    account: str
    amount: int
    unheard: int = 0
    member_id: str = ""
    code: str = ""

    @property
    def key(self) -> tuple[str, str]:
        """What it is an amount of."""
        return self.what, self.account or f"code:{self.code}"


@dataclass(frozen=True, slots=True)
class Authorised:
    """What head office let go. `coupon`: as it has it, where a coupon was asked for."""

    allowance_id: str
    amount: int
    at_ms: int
    coupon: GrantedCoupon | None = None


class Authorising:
    """Front end's thread, but for the asking itself."""

    def __init__(self, counter: Counter, keeper: BasketKeeper, ask: AskAuthorisation) -> None:
        keeper.after_change = self.tidy
        self._counter = counter
        self._ask = ask
        self.in_payment: Callable[[], set[str]] = set
        self._open: OrderedDict[str, Wanted] = OrderedDict()
        self._let_go: dict[tuple[str, str], Authorised] = {}
        self._silent: dict[tuple[str, str], int] = {}
        self._lock = threading.Lock()
        self._pool: ThreadPoolExecutor | None = None
        self._any = True

    def let(self, wanted: Wanted) -> Authorised | None:
        """None: nobody answers, so it is for a manager. Raises AuthorisationNeeded."""
        counter = self._counter
        with self._lock:
            held = self._let_go.get(wanted.key)
            silent_ms = self._silent.get(wanted.key)
        if held is not None and counter.allowance_book.left(held.allowance_id) >= wanted.amount:
            return held
        recently = silent_ms is not None and 0 <= counter.time.monotonic_ms() - silent_ms < KEPT_MS
        if counter.is_offline() or recently:
            return None
        question = secrets.token_hex(16)
        with self._lock:
            self._open[question] = wanted
            while len(self._open) > OPEN_MAX:
                self._open.popitem(last=False)
        raise AuthorisationNeeded("head office is asked first", question=question, what=wanted.what)

    def ask(self, question: str) -> Future[None]:
        """Asks; then the call that needed it is repeated, whether somebody answered or not.

        On the future: what head office said no to, in the words of who asked: not_enough_stored_value,
        not_enough_points, member_frozen, gift_card_blocked, coupon_used and the like.
        """
        if self._pool is None:
            self._pool = ThreadPoolExecutor(1, thread_name_prefix="authorising")
        with self._lock:
            wanted = self._open.pop(question, None)
        return self._pool.submit(lambda: None if wanted is None else self._asked(wanted))

    def tidy(self) -> None:
        """Gives back what nothing needs any more. Cheap where nothing was let go."""
        if not self._any:
            return
        counter = self._counter
        book = counter.allowance_book
        basket, now_ms = counter.basket, counter.time.monotonic_ms()
        needed = {claim.allowance_id for claim in basket.points}
        needed |= {claim.allowance_id for claim in basket.coupons}
        if counter.payment is not None:
            needed |= self.in_payment()
        with self._lock:
            fresh = {key: each for key, each in self._let_go.items() if 0 <= now_ms - each.at_ms < KEPT_MS}
            kept = needed | {each.allowance_id for each in fresh.values()}
            self._let_go = {key: each for key, each in self._let_go.items() if each.allowance_id in kept}
        held = book.online()
        book.end_online([key for key, each in held.items() if key not in kept or not each.left])
        self._any = any(key in kept and each.left for key, each in held.items()) or bool(fresh)

    def close(self) -> None:
        """Let go of the asking thread."""
        if self._pool is not None:
            self._pool.shutdown(wait=True)

    def _asked(self, wanted: Wanted) -> None:
        counter = self._counter
        book = counter.allowance_book
        series = counter.journal.series
        request_id = uuid7(counter.time.now_ms(), secrets.token_bytes(10))
        allowance_id = authorisation_id(wanted.what, book.series, request_id)
        with self._lock:
            before = self._let_go.get(wanted.key)
        question = AuthorisationQuestion(
            series.incarnation,
            request_id,
            wanted.what,
            wanted.account,
            wanted.amount,
            unheard=wanted.unheard,
            instead_of="" if before is None else before.allowance_id,
            member_id=wanted.member_id,
            code=wanted.code,
        )
        asked = book.now()
        self._any = True
        book.begin_asking(Grant(allowance_id, "online", book.series, wanted.amount, 0, 0, ""))
        answer = self._answered(question)
        granted = None if answer is None else answer.granted
        if answer is None or (granted is not None and granted.allowance_id != allowance_id):
            book.end_asking(allowance_id, refused=False)
            self._was_silent(wanted)
        elif granted is None:
            book.end_asking(allowance_id, refused=True)
            self._was_refused(wanted, answer)
        else:
            grant = Grant(
                allowance_id,
                "online",
                book.series,
                granted.amount,
                granted.renewal,
                granted.term_ms,
                answer.epoch,
            )
            taken = self._taken(grant, answer, asked_at=asked)
            if not taken:
                self._was_silent(wanted)
                return
            let_go = Authorised(allowance_id, granted.amount, counter.time.monotonic_ms(), answer.coupon)
            with self._lock:
                self._let_go[wanted.key] = let_go
            if before is not None:
                book.end_online([before.allowance_id])

    def _taken(self, grant: Grant, answer: AuthorisationAnswer, *, asked_at: Instant) -> bool:
        book = self._counter.allowance_book
        try:
            return book.take_answer(grant, epoch=answer.epoch, asked=asked_at)
        except AllowanceRefused:
            return False

    def _answered(self, question: AuthorisationQuestion) -> AuthorisationAnswer | None:
        for _ in range(TRIES):
            try:
                return self._ask(question).result()
            except Trouble:
                continue
        return None

    def _was_silent(self, wanted: Wanted) -> None:
        with self._lock:
            self._silent[wanted.key] = self._counter.time.monotonic_ms()

    def _was_refused(self, wanted: Wanted, answer: AuthorisationAnswer) -> None:
        """Raises what head office said; nothing where that leaves it to a manager."""
        if answer.refused in MANAGER_DECIDES:
            self._was_silent(wanted)
            return
        raise _refusal(wanted, answer)


def _refusal(wanted: Wanted, answer: AuthorisationAnswer) -> Refusal:
    reason, available = answer.refused, answer.available
    if wanted.what == "coupon":
        coupons: dict[str, Refusal] = {
            "used": CouponUsed("used before"),
            "out_of_time": CouponOutOfTime("not valid now", ends_ms=None),
            "for_another": CouponForAnother("this coupon belongs to a member who is not on the basket"),
            "leased": CouponNotHere("a workstation holds it", offline_class="leased"),
            "frozen": MemberFrozen("head office froze the account"),
        }
        return coupons.get(reason, UnknownCoupon("head office does not know it either"))
    named: dict[tuple[str, str], Refusal] = {
        ("points", "frozen"): MemberFrozen("head office froze the account"),
        ("points", "not_enough"): NotEnoughPoints("not that many", points=available, minimum=0),
        ("points", "unknown"): UnknownMember("head office does not know the member yet"),
        ("stored_value", "frozen"): MemberFrozen("head office froze the account"),
        ("stored_value", "blocked"): GiftCardBlocked("head office has stopped this card", last_four=""),
        ("stored_value", "not_enough"): NotEnoughStoredValue("not that much", balance_minor=available),
    }
    return named.get((wanted.what, reason), UnknownGiftCard("head office knows no such account"))
