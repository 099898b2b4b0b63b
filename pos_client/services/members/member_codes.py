"""Proof that the shopper is the member, by his own code or the signed code of his app, before he spends.

The code is never journaled, shown or logged; what is journaled is that it was right, or wrong how often.
docs/security.md, "The member's code".
"""

from __future__ import annotations

import base64
import secrets
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from argon2.low_level import Type, hash_secret_raw
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from pos_client.journal.draft import Draft, PersonalFields
from pos_client.journal.fold import STATE
from pos_client.journal.sessions import FAILURES_BEFORE_LOCK
from pos_client.keys.sealing import seal
from pos_client.replica.member_details import is_frozen, survivor_of
from pos_client.services.counter import Counter
from pos_client.services.refusals.members import (
    BadMemberCode,
    MemberCodeLocked,
    MemberCodeUnknown,
    MemberFrozen,
    MemberNotProven,
    NoMember,
    WrongMemberCode,
)
from pos_client.services.staff.approvals import Action, Approvals, approval_drafts
from pos_client.services.staff.lock_out import LockWatch, lock_ms
from pos_core.customer import member_code
from pos_core.errors import Trouble
from pos_core.sale.manual import GivenApproval
from pos_core.sync.authorisation_messages import MemberCodeAnswer, MemberCodeQuestion
from pos_core.sync.sealing import LABEL_PERSONAL

VerifierOf = Callable[[str], str | None]
"""member id → the verifier of his code that this store holds."""
KeyOf = Callable[[str], bytes | None]
"""key id → an Ed25519 public key that is in force; None: unknown or revoked."""

AskCode = Callable[[MemberCodeQuestion], Future[MemberCodeAnswer]]
"""Head office's word on a code that this store cannot check; fails with a Trouble."""

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
        approvals: Approvals,
        ask: AskCode,
        sealing_public_key: bytes,
        elsewhere: TriesOf = lambda _member_id: (0, 0),
    ) -> None:
        self._counter = counter
        self._pepper = pepper
        self._verifier_of = verifier_of
        self._key_of = key_of
        self._approvals = approvals
        self._ask = ask
        self._sealing_public_key = sealing_public_key
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
        (seconds), member_code_unknown (nobody can check it: a second
        person). A wrong code is answered only after its document is durable.
        """
        self._counter.require_operator()
        member = self._counter.member
        if member is None:
            raise NoMember("there is no member on the basket")
        return self._checker.submit(self._prove, member.member_id, text.strip())

    def accept_person(self, approval: str | None = None) -> Future[None]:
        """A second person knows the shopper, where neither this store nor head office can check a code.

        Raises NotSignedOn, NoMember, MemberFrozen, ApprovalNeeded.
        """
        self._counter.require_operator()
        self.require_spendable()
        member_id, given = self._seen_by(approval, "member_seen")
        return self._checker.submit(
            self._accept, member_id, "person", approval_drafts(self._counter, (given,))
        )

    def set_code(self, digits: str, approval: str | None = None) -> Future[None]:
        """The member's own choice of a code; a second person has seen that it is he, which proves him too.

        Head office gets salt and stretched code in the member's box, never the digits; the stores that know
        him have a verifier after the next contact. Raises NotSignedOn, NoMember, MemberFrozen, BadMemberCode,
        ApprovalNeeded.
        """
        self._counter.require_operator()
        self.require_spendable()
        if not member_code.is_code(digits):
            raise BadMemberCode("6 to 12 digits", minimum=member_code.DIGITS_MIN)
        member_id, given = self._seen_by(approval, "member_code_set")
        return self._checker.submit(self._set, member_id, digits, given)

    def _set(self, member_id: str, digits: str, given: GivenApproval) -> None:
        counter = self._counter
        salt = secrets.token_bytes(member_code.SALT_BYTES)
        fields = {member_code.CODE_SALT: salt, member_code.CODE_STRETCHED: stretch(digits, salt)}
        box = {name: base64.b64encode(value).decode() for name, value in fields.items()}
        body: dict[str, Any] = {"member_id": member_id, "personal_fields": ["code"]}
        edited = counter.draft("member_edited", body, personal=PersonalFields(member_id, box))
        self._accept(member_id, "person", [*approval_drafts(counter, (given,)), edited])

    def _seen_by(self, approval: str | None, subject: str) -> tuple[str, GivenApproval]:
        """Raises NoMember, ApprovalNeeded: nobody is seen by himself."""
        member = self._counter.member
        if member is None:
            raise NoMember("there is no member on the basket")
        action = Action("other", subject=f"{subject}/{member.member_id}")
        given = self._approvals.let(action, approval, subject, by_another=True)
        assert given is not None
        return member.member_id, given

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
            return self._online_fault(member_id, text)
        if not member_code.is_code(text):
            return "wrong_code"
        stretched = stretch(text, verifier.salt)
        return None if member_code.fits(verifier, self._pepper(), stretched) else "wrong_code"

    def _online_fault(self, member_id: str, text: str) -> str | None:
        """Head office says whether it is his code. Raises MemberCodeUnknown, MemberCodeLocked."""
        unknown = MemberCodeUnknown("neither this store nor head office can check the code")
        if not member_code.is_code(text):
            return "wrong_code"
        sealed = seal(text.encode("ascii"), self._sealing_public_key, label=LABEL_PERSONAL)
        question = MemberCodeQuestion(member_id, base64.b64encode(sealed).decode())
        try:
            answer = self._ask(question).result()
        except Trouble:
            raise unknown from None
        if answer.verdict == "locked":
            raise MemberCodeLocked("too many wrong codes", seconds=answer.seconds)
        if answer.verdict == "unknown":
            raise unknown
        return None if answer.verdict == "right" else "wrong_code"

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

    def _accept(self, member_id: str, by: str, before: Sequence[Draft] = ()) -> None:
        counter = self._counter
        body = {"member_id": member_id, "by": by}
        counter.record([*before, counter.draft("member_code_accepted", body)]).result()
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
