"""A member's code, asked for by a store whose slice has no verifier of it: head office says right or wrong.

The digits come sealed to head office and are kept nowhere. Wrong ones are journaled by the workstation that
asked, as those are that it judges itself; the lock that follows from them holds here too.
"""

from __future__ import annotations

import base64
import binascii
import hmac

from argon2.low_level import Type, hash_secret_raw

from pos_core.clock import Clock
from pos_core.customer import member_code
from pos_core.sync.authorisation_messages import MemberCodeAnswer, MemberCodeQuestion, Verdict
from sync_server.services.errors import MalformedRequest
from sync_server.services.keys import ChainKeys
from sync_server.services.personal_data import open_member_key
from sync_server.services.question_limit import QuestionLimit
from sync_server.services.shared.groups import alias_of
from sync_server.store import audit, fold_state
from sync_server.store.engine import Store, Txn
from sync_server.store.workstation import WorkstationRow

QUESTIONS_A_MINUTE_MAX = 10
_SEALED_CHARS_MAX = 300
_ID_MAX = 100


class MemberCodesOnline:
    """See the module."""

    def __init__(self, store: Store, keys: ChainKeys, clock: Clock) -> None:
        self._store = store
        self._keys = keys
        self._clock = clock
        self._limit = QuestionLimit(clock, QUESTIONS_A_MINUTE_MAX)

    def check(self, caller: WorkstationRow, question: MemberCodeQuestion) -> MemberCodeAnswer:
        """Each question has an audit row. Raises MalformedRequest, TooManyAttempts."""
        self._limit.count(caller.workstation_id)
        digits = self._digits(question)
        now_ms = self._clock.now_ms()

        def look(txn: Txn) -> tuple[str, int, tuple[bytes, bytes] | None]:
            member_id = alias_of(txn, question.member_id) or question.member_id
            tries = fold_state.get(txn, [("member_code", member_id)]).get(("member_code", member_id)) or {}
            code = fold_state.member_codes(txn, [member_id]).get(member_id)
            return member_id, int(tries.get("locked_until_ms", 0)), code

        member_id, locked_until_ms, code = self._store.read(look)
        verdict: Verdict
        if locked_until_ms > now_ms:
            verdict = "locked"
        elif code is None:
            verdict = "unknown"
        else:  # outside any transaction: stretching takes its time
            verdict = "right" if self._fits(digits, code) else "wrong"
        self._store.write(
            lambda txn: audit.add(
                txn,
                now_ms=now_ms,
                actor=caller.workstation_id,
                action="member_code_checked",
                subject=member_id,
                store_id=caller.store_id,
                verdict=verdict,
            )
        )
        return MemberCodeAnswer(verdict, max(0, -(-(locked_until_ms - now_ms) // 1000)))

    def _fits(self, digits: str, code: tuple[bytes, bytes]) -> bool:
        salt, sealed = code
        kept = open_member_key(self._keys, sealed)
        return kept is not None and hmac.compare_digest(kept, _stretched(digits, salt))

    def _digits(self, question: MemberCodeQuestion) -> str:
        try:
            box = base64.b64decode(question.sealed[:_SEALED_CHARS_MAX], validate=True)
            clear = open_member_key(self._keys, box)
            digits = "" if clear is None else clear.decode("ascii")
        except (binascii.Error, ValueError):
            digits = ""
        if not member_code.is_code(digits) or not 0 < len(question.member_id) <= _ID_MAX:
            raise MalformedRequest("no code sealed to this chain")
        return digits


def _stretched(digits: str, salt: bytes) -> bytes:
    return hash_secret_raw(
        digits.encode("ascii"),
        salt,
        time_cost=member_code.ARGON_TIME,
        memory_cost=member_code.ARGON_MEMORY_KIB,
        parallelism=member_code.ARGON_LANES,
        hash_len=member_code.ARGON_BYTES,
        type=Type.ID,
    )
