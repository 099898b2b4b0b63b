"""Proof that the shopper is the member, by his own code or the signed code of his app, before he spends.

The code is never journaled, shown or logged; what is journaled is that it was right, or wrong how often.
docs/security.md, "The member's code".
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

from argon2.low_level import Type, hash_secret_raw
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from pos_client.journal.fold import STATE
from pos_client.journal.sessions import FAILURES_BEFORE_LOCK
from pos_client.replica.member_details import is_frozen, survivor_of
from pos_client.services.counter import Counter
from pos_client.services.lock_out import LockWatch, lock_ms
from pos_client.services.refusals import (
    MemberCodeLocked,
    MemberCodeUnknown,
    MemberFrozen,
    MemberNotProven,
    NoMember,
    WrongMemberCode,
)
from pos_core.customer import member_code

VerifierOf = Callable[[str], str | None]
"""member id → the verifier of his code that this store holds."""
KeyOf = Callable[[str], bytes | None]
"""key id → an Ed25519 public key that is in force; None: unknown or revoked."""

TriesOf = Callable[[str], tuple[int, int]]
"""member id → wrong codes in a row and the end of a lock, as head office last heard of all workstations."""


class MemberCodes:
    """`prove` checks on a thread of its own: argon2id takes its time. What it proved lasts for the basket."""

    def __init__(
        self,
        counter: Counter,
        *,
        pepper: Callable[[], bytes],
        verifier_of: VerifierOf,
        key_of: KeyOf,
        elsewhere: TriesOf = lambda _member_id: (0, 0),
    ) -> None:
        self._counter = counter
        self._pepper = pepper
        self._verifier_of = verifier_of
        self._key_of = key_of
        self._elsewhere = elsewhere
        self._watch = LockWatch(counter.time)
        self._checker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="member-code")

    @property
    def proven(self) -> bool:
        """True once the member on the basket has shown his code."""
        member = self._counter.member
        return member is not None and self._counter.proven_member_id == member.member_id

    def require_spendable(self) -> None:
        """Before the member is asked for his code. Raises NoMember, MemberFrozen."""
        member = self._counter.member
        if member is None:
            raise NoMember("there is no member on the basket")
        require_not_frozen(self._counter, member.member_id)

    def require_proven(self) -> None:
        """Before anything of the account is spent. Raises NoMember, MemberFrozen, MemberNotProven."""
        self.require_spendable()
        if not self.proven:
            raise MemberNotProven("the member's code first")

    def prove(self, text: str) -> Future[None]:
        """Check what the shopper entered or the scanner read off his app; resolves once it is journaled.

        Raises NotSignedOn, NoMember. On the future: wrong_member_code (attempts_left), member_code_locked
        (seconds), member_code_unknown. A wrong code is answered only after its document is durable.
        """
        self._counter.require_operator()
        member = self._counter.member
        if member is None:
            raise NoMember("there is no member on the basket")
        return self._checker.submit(self._prove, member.member_id, text.strip())

    def accept_person(self, approved_by: str) -> Future[None]:
        """A manager knows the shopper: the approval has been given and is journaled by the caller.

        Raises NoMember.
        """
        member = self._counter.member
        if member is None:
            raise NoMember("there is no member on the basket")
        assert approved_by
        return self._checker.submit(self._accept, member.member_id, "person")

    def close(self) -> None:
        """Let go of the checking thread."""
        self._checker.shutdown(wait=True)

    def _prove(self, member_id: str, text: str) -> None:
        """One check at a time, so guesses cannot race past the counter."""
        failures, locked_until_ms = self._failures(member_id)
        seconds = self._watch.seconds_left(member_id, locked_until_ms)
        if seconds:
            raise MemberCodeLocked("too many wrong codes", seconds=seconds)
        if member_code.is_app_code(text):
            wrong = self._app_code_fault(member_id, text)
            by = "app"
        else:
            wrong = self._code_fault(member_id, text)
            by = "code"
        if wrong is not None:
            self._note_failure(member_id, failures + 1, wrong)
        self._accept(member_id, by)

    def _app_code_fault(self, member_id: str, text: str) -> str | None:
        code = member_code.read_app_code(text)
        key = None if code is None else self._key_of(code.key_id)
        if code is None or key is None:
            return "bad_signature"
        named = str(code.payload["member_id"])
        if member_id not in (named, self._counter.replica.read(lambda c: survivor_of(c, named))):
            return "bad_signature"
        try:
            Ed25519PublicKey.from_public_bytes(key).verify(code.signature, code.statement)
        except (InvalidSignature, ValueError):
            return "bad_signature"
        return None if self._counter.time.instant_ms() <= code.payload["until_ms"] else "expired"

    def _code_fault(self, member_id: str, text: str) -> str | None:
        kept = self._verifier_of(member_id)
        verifier = None if kept is None else member_code.read_verifier(kept)
        if verifier is None:
            raise MemberCodeUnknown("this store holds no code of the member")
        if not member_code.is_code(text):
            return "wrong_code"
        stretched = stretch(text, verifier.salt)
        return None if member_code.fits(verifier, self._pepper(), stretched) else "wrong_code"

    def _failures(self, member_id: str) -> tuple[int, int]:
        row = self._counter.journal.read(
            lambda c: c.execute(STATE["member_code_failures"], (member_id,)).fetchone()
        )
        here = (0, 0) if row is None else (int(row[0]), int(row[1]))
        heard = self._elsewhere(member_id)
        return max(here[0], heard[0]), max(here[1], heard[1])

    def _note_failure(self, member_id: str, failures: int, reason: str) -> None:
        counter = self._counter
        locked_for_ms = lock_ms(failures)
        until_ms = counter.time.instant_ms() + locked_for_ms if locked_for_ms else None
        body = {"member_id": member_id, "reason": reason, "failures": failures, "locked_until_ms": until_ms}
        counter.record([counter.draft("member_code_failed", body)]).result()
        raise WrongMemberCode("not the member's code", attempts_left=max(FAILURES_BEFORE_LOCK - failures, 0))

    def _accept(self, member_id: str, by: str) -> None:
        counter = self._counter
        body = {"member_id": member_id, "by": by}
        counter.record([counter.draft("member_code_accepted", body)]).result()
        with counter.lock:
            if counter.member is not None and counter.member.member_id == member_id:
                counter.proven_member_id = member_id


def require_not_frozen(counter: Counter, member_id: str) -> None:
    """Raises MemberFrozen where head office froze the account, as far as is known here."""
    if counter.replica.read(lambda c: is_frozen(c, member_id)):
        raise MemberFrozen("head office froze the account")


def stretch(digits: str, salt: bytes) -> bytes:
    """argon2id of a member's code, as head office makes it (`pos_core.customer.member_code`)."""
    return hash_secret_raw(
        digits.encode("ascii"),
        salt,
        time_cost=member_code.ARGON_TIME,
        memory_cost=member_code.ARGON_MEMORY_KIB,
        parallelism=member_code.ARGON_LANES,
        hash_len=member_code.ARGON_BYTES,
        type=Type.ID,
    )
