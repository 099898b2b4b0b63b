"""An employee's number and PIN, checked in one place: at sign-on, and where a second person approves.

One check at a time on a thread of its own, so guesses cannot race past the counter. A wrong PIN is answered
only after its document is durable: pulling the plug gives no free guess.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError, VerifyMismatchError

from pos_client.journal.sessions import FAILURES_BEFORE_LOCK, SignOnFailures, sign_on_failures
from pos_client.services.counter import Counter
from pos_client.services.refusals.staff import (
    LockedOut,
    OperatorLocked,
    PinTooShort,
    UnknownOperator,
    WrongPin,
)
from pos_client.services.refusals.workstation import ReplicaIncomplete
from pos_client.services.staff.credentials import credential_now
from pos_client.services.staff.lock_out import LockWatch, lock_ms
from pos_core.catalog.credential import Credential
from pos_core.catalog.store import Employee

T = TypeVar("T")
PIN_DIGITS_MIN = 6
PIN_DIGITS_MAX = 64
NUMBER_MAX = 32


def pin_secret(pepper: bytes, pin: str) -> bytes:
    """What the verifier was made over: HMAC-SHA256 of the PIN's digits under the store's pepper."""
    return hmac.digest(pepper, pin.encode("ascii"), hashlib.sha256)


def require_pin(pin: str) -> None:
    """Raises PinTooShort (minimum): too few or too many signs, or one that is no digit."""
    if not (PIN_DIGITS_MIN <= len(pin) <= PIN_DIGITS_MAX and pin.isascii() and pin.isdigit()):
        raise PinTooShort("a PIN is digits", minimum=PIN_DIGITS_MIN)


def failures_now(known: SignOnFailures, credential: Credential) -> SignOnFailures:
    """Without those that a manager forgave since, at whichever workstation; a doubt is never forgiven so."""
    forgiven = not known.is_doubt and credential.tries_over_hlc > known.hlc
    return SignOnFailures(0, 0, known.hlc) if forgiven else known


class PinCheck:
    """Main thread asks with `run`; `employee` works on the checking thread."""

    def __init__(self, counter: Counter, pepper: Callable[[], bytes]) -> None:
        self._counter = counter
        self._pepper = pepper
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="pin-check")
        self._hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
        self._watch = LockWatch(counter.time)

    def run(self, work: Callable[[], T]) -> Future[T]:
        """Do `work`, which calls `employee`, on the checking thread."""
        return self._thread.submit(work)

    def employee(self, operator_number: str, pin: str) -> Employee:
        """Who that is. On the checking thread.

        Raises PinTooShort (minimum), ReplicaIncomplete, UnknownOperator, OperatorLocked, LockedOut (seconds),
        WrongPin (attempts_left).
        """
        require_pin(pin)
        operator_number = operator_number.strip()[:NUMBER_MAX]
        counter = self._counter
        if not counter.replica.is_complete():
            raise ReplicaIncomplete("the first download is not complete: nobody is known here yet")
        employee = counter.replica.employee_by_number(operator_number)
        if employee is None or not employee.active:
            raise UnknownOperator("no such operator at this store")
        credential = credential_now(counter, employee.employee_id)
        if credential.lock is not None:
            raise OperatorLocked("this number is locked", head_office=credential.lock.is_head_offices)
        known = failures_now(counter.journal.read(lambda c: sign_on_failures(c, operator_number)), credential)
        seconds = self._watch.seconds_left(operator_number, known.locked_until_ms)
        if seconds:
            raise LockedOut("too many wrong PINs", seconds=seconds)
        if not self._is_right(credential.pin_verifier or employee.pin_verifier, pin):
            self._note_failure(operator_number, known.failed_count + 1)
        return employee

    def close(self) -> None:
        """Let go of the thread."""
        self._thread.shutdown(wait=True)

    def verifier(self, pin: str) -> str:
        """An argon2id PHC string under the store's pepper, as head office's. On the checking thread."""
        return self._hasher.hash(pin_secret(self._pepper(), pin))

    def waits_ms(self, operator_number: str, known: SignOnFailures) -> int:
        """How long wrong PINs still lock a number here."""
        return self._watch.seconds_left(operator_number, known.locked_until_ms) * 1000

    def _is_right(self, verifier: str, pin: str) -> bool:
        try:
            return self._hasher.verify(verifier, pin_secret(self._pepper(), pin))
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
