"""Signing on and off: a PIN, its verifier, and the lock-out that a restored file does not reset."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError, VerifyMismatchError

from pos_client.journal.sessions import FAILURES_BEFORE_LOCK, FIRST_LOCK_MS, sign_on_failures
from pos_client.services.counter import Counter
from pos_client.services.futures import failed, then
from pos_client.services.refusals import (
    AlreadySignedOn,
    BasketLocked,
    LockedOut,
    NotAllowed,
    PinTooShort,
    ReplicaIncomplete,
    UnknownOperator,
    WrongPin,
)
from pos_client.services.views import OperatorView
from pos_core.catalog.store import Employee

PIN_DIGITS_MIN = 6
PIN_DIGITS_MAX = 64
LOCK_MAX_MS = 60 * 60_000


def pin_secret(pepper: bytes, pin: str) -> bytes:
    """What the verifier was made over: HMAC-SHA256 of the PIN's digits under the store's pepper."""
    return hmac.digest(pepper, pin.encode("ascii"), hashlib.sha256)


def lock_ms(failures: int) -> int:
    """How long the n-th wrong PIN in a row locks: nothing before the fifth, then doubling up to an hour."""
    if failures < FAILURES_BEFORE_LOCK:
        return 0
    return min(FIRST_LOCK_MS << min(failures - FAILURES_BEFORE_LOCK, 16), LOCK_MAX_MS)


class Session:
    """Who is at the workstation. The PIN is checked on a thread of its own: argon2id takes its time."""

    def __init__(self, counter: Counter, pepper: Callable[[], bytes]) -> None:
        self._counter = counter
        self._pepper = pepper
        self._checker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="pin-check")
        self._hasher = PasswordHasher()
        self._lock_seen: dict[tuple[str, int], int] = {}

    @property
    def operator(self) -> OperatorView | None:
        """The operator who is signed on."""
        return self._counter.operator

    def sign_on(self, operator_number: str, pin: str) -> Future[OperatorView]:
        """Check the PIN off the main thread, journal the outcome, then resolve.

        Set on the future: Refusal `wrong_pin` (attempts_left), `locked_out` (seconds), `unknown_operator`,
        `replica_incomplete`, `pin_too_short` (minimum), `already_signed_on`. A wrong PIN
        is answered only after its document is durable, so pulling the plug gives no free guess.
        """
        counter = self._counter
        if counter.operator is not None:
            error = AlreadySignedOn("sign off first", operator_number=counter.operator.operator_number)
            return failed(error)
        if not (PIN_DIGITS_MIN <= len(pin) <= PIN_DIGITS_MAX and pin.isascii() and pin.isdigit()):
            return failed(PinTooShort("a PIN is digits", minimum=PIN_DIGITS_MIN))
        return self._checker.submit(self._sign_on, operator_number.strip()[:32], pin)

    def confirm_clock(self) -> None:
        """A supervisor or manager says that the wall clock is right again after a jump of more than a day.

        Raises NotSignedOn, NotAllowed.
        """
        counter = self._counter
        if counter.require_operator().role not in ("supervisor", "manager"):
            raise NotAllowed("a supervisor or manager must confirm the clock")
        counter.time.confirm()
        counter.clock_jump = None
        counter.changed()

    def sign_off(self, reason: str = "asked") -> Future[None]:
        """Journal the end of the session; the basket stays for whoever comes next.

        Raises NotSignedOn, BasketLocked (a payment is under way). `reason`: asked | idle | closing.
        """
        counter = self._counter
        counter.require_operator()
        if counter.payment is not None or counter.writing:
            raise BasketLocked("a payment has begun")
        draft = counter.draft("signed_off", {"reason": reason})
        return then(counter.record([draft]), lambda _: self._signed_off())

    def close(self) -> None:
        """Let go of the checking thread."""
        self._checker.shutdown(wait=True)

    def _sign_on(self, operator_number: str, pin: str) -> OperatorView:
        """On the checking thread. One check at a time, so guesses cannot race past the counter."""
        counter = self._counter
        if not counter.replica.is_complete():
            raise ReplicaIncomplete("the first download is not complete: nobody is known here yet")
        employee = counter.replica.employee_by_number(operator_number)
        if employee is None or not employee.active:
            raise UnknownOperator("no such operator at this store")
        known = counter.journal.read(lambda c: sign_on_failures(c, operator_number))
        self._refuse_while_locked(operator_number, known.locked_until_ms)
        if not self._pin_is_right(employee, pin):
            self._note_failure(operator_number, known.failed_count + 1)
        view = OperatorView(employee.employee_id, employee.operator_number, employee.name, employee.role)
        body = {"role": employee.role, "operator_number": operator_number}
        draft = counter.draft("signed_on", body, operator_id=employee.employee_id)
        counter.record([draft]).result()
        with counter.lock:
            if counter.operator is not None:
                raise AlreadySignedOn("sign off first", operator_number=counter.operator.operator_number)
            counter.operator = view
        counter.changed()
        return view

    def _pin_is_right(self, employee: Employee, pin: str) -> bool:
        try:
            return self._hasher.verify(employee.pin_verifier, pin_secret(self._pepper(), pin))
        except (VerifyMismatchError, VerificationError, InvalidHashError):
            return False

    def _note_failure(self, operator_number: str, failures: int) -> None:
        counter = self._counter
        locked_for_ms = lock_ms(failures)
        until_ms = counter.time.instant_ms() + locked_for_ms if locked_for_ms else None
        body = {
            "operator_number": operator_number,
            "reason": "wrong_pin",
            "failures": failures,
            "locked_until_ms": until_ms,
        }
        counter.record([counter.draft("sign_on_failed", body)]).result()
        raise WrongPin("wrong PIN", attempts_left=max(FAILURES_BEFORE_LOCK - failures, 0))

    def _refuse_while_locked(self, operator_number: str, locked_until_ms: int) -> None:
        """Raises LockedOut. A lock also ends after its length by the machine's own stop-watch: a clock

        that was set back must not lock a store out for a year. Starting anew starts the watch anew.
        """
        if not locked_until_ms:
            return
        time = self._counter.time
        left_ms = min(locked_until_ms - time.instant_ms(), LOCK_MAX_MS)
        ends_ms = self._lock_seen.setdefault(
            (operator_number, locked_until_ms), time.monotonic_ms() + left_ms
        )
        left_ms = min(left_ms, ends_ms - time.monotonic_ms())
        if left_ms > 0:
            raise LockedOut("too many wrong PINs", seconds=-(-left_ms // 1000))

    def _signed_off(self) -> None:
        with self._counter.lock:
            self._counter.operator = None
        self._counter.changed()
