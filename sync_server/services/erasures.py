"""Erasures: ordered at head office, carried out by every workstation at its next contact, and counted."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from pos_core.clock import Clock
from pos_core.errors import Refusal
from pos_core.sync.protocol import (
    ERASURES_MAX,
    Erasure,
    ErasuresAnswer,
    ErasuresRequest,
    erasure_statement,
)
from sync_server.services.acts import Act
from sync_server.services.errors import MalformedRequest
from sync_server.services.keys import ChainKeys
from sync_server.services.personal_data import blind_index
from sync_server.services.shared.erasing import erase, is_known, stand_alone
from sync_server.services.shared.members import MemberRows
from sync_server.services.shared.slices import Slices
from sync_server.store import audit, chain_state, erasure, masters
from sync_server.store.engine import Store, Txn
from sync_server.store.erasure import ErasureRow
from sync_server.store.workstation import WorkstationRow

_NUMBER_MAX = 2**53 - 1
NO_EPOCH = ""
"""Another than any that a workstation knows."""


class NoSuchMember(Refusal):
    """Head office knows no such member."""

    code = "no_such_member"


@dataclass(frozen=True, slots=True)
class Waiting:
    """A workstation that has not been in contact since an erasure."""

    workstation_id: str
    store_id: str
    name: str
    last_contact_ms: int


@dataclass(frozen=True, slots=True)
class Erased:
    """An erasure and who has not heard of it yet."""

    number: int
    member_id: str
    erased_at_ms: int
    waiting: tuple[Waiting, ...]


class Erasures:
    """See the module."""

    def __init__(
        self,
        store: Store,
        keys: ChainKeys,
        clock: Clock,
        *,
        remove_dropped_files: Callable[[], int] = lambda: 0,
    ) -> None:
        """`remove_dropped_files`: `StoreFiles.remove_dropped`; a restore has none, its epoch drops all."""
        self._store = store
        self._remove_dropped_files = remove_dropped_files
        self._keys = keys
        self._clock = clock
        self._slices = Slices(MemberRows(keys))
        self._signer = Ed25519PrivateKey.from_private_bytes(keys.server_signing)

    def member_ids_of(self, phone: str) -> list[str]:
        """Members with this number (+E.164), aliases too."""
        index = blind_index(self._keys.member_index, phone)
        found = self._store.read(lambda txn: masters.members_by_phone_index(txn, [index]))
        return [row.member_id for row in found]

    def erase(self, act: Act, member_id: str) -> Erased:
        """Destroys what head office holds; workstations follow. Again tells how far that is.

        Raises NoSuchMember.
        """
        now_ms = self._clock.now_ms()

        def write(txn: Txn) -> Erased:
            known = erasure.of_member(txn, member_id)
            if known is None:
                if not is_known(txn, member_id):
                    raise NoSuchMember("no member with this id", member_id=member_id[:80])
                known = self._carry_out(txn, member_id, now_ms, self._signed(member_id, now_ms))
                act.note(txn, now_ms, "member_erased", member_id, number=known.number)
            return _told(txn, known)

        erased = self._store.write(write)
        self._forget()
        return erased

    def listing(self) -> list[Erased]:
        """Every erasure, the newest first."""

        def read(txn: Txn) -> list[Erased]:
            return [_told(txn, row) for row in reversed(erasure.after(txn, 0, _NUMBER_MAX))]

        return self._store.read(read)

    def exchange(self, caller: WorkstationRow, request: ErasuresRequest) -> ErasuresAnswer:
        """What the caller still has to erase; what it has done is noted. Raises MalformedRequest.

        Erasures of before a restore are carried out again when their signature is ours. Who has done one that
        this database never saw has spoken with a later state of it (an image was put back and no epoch
        began): the answer names no epoch, and as after a restore the caller shows what it has carried out.
        """
        kept = self._proven(request)

        def read(txn: Txn) -> tuple[str, bool, int, int | None, set[str]]:
            fresh = {each.member_id for each in kept}
            return (
                chain_state.epoch(txn),
                request.done == 0 or erasure.is_number(txn, request.done),
                erasure.last_number(txn),
                erasure.done_by(txn, caller.workstation_id),
                fresh - erasure.erased_among(txn, sorted(fresh)),
            )

        epoch, seen, last, noted, lost = self._store.read(read)
        if lost:
            self._store.write(lambda txn: self.repeat(txn, kept, actor=caller.workstation_id))
            self._forget()
        done = request.done if request.epoch == epoch and seen else 0
        if last and noted != done:
            now_ms, own = self._clock.now_ms(), caller.workstation_id
            self._store.write(lambda txn: erasure.note_done(txn, own, done, now_ms), of=own)
        rows = self._store.read(lambda txn: erasure.after(txn, done, ERASURES_MAX))
        named = epoch if request.epoch != epoch or seen else NO_EPOCH
        return ErasuresAnswer(
            named, [Erasure(row.number, row.member_id, row.erased_at_ms, row.signature) for row in rows]
        )

    def repeat(self, txn: Txn, orders: Sequence[Erasure | ErasureRow], *, actor: str) -> int:
        """Carries out again what was ordered before a restore and is not known here any more; how many."""
        there = erasure.erased_among(txn, [each.member_id for each in orders])
        lost = [each for each in orders if each.member_id not in there]
        for each in lost:
            self._carry_out(txn, each.member_id, each.erased_at_ms, each.signature)
            now_ms = self._clock.now_ms()
            audit.add(txn, now_ms=now_ms, actor=actor, action="member_erased_again", subject=each.member_id)
        return len(lost)

    def stand_alone(self, txn: Txn, member_ids: Sequence[str]) -> None:
        """After a restore that left somebody closed: he and those who had a number in common with him."""
        if member_ids:
            stand_alone(txn, self._slices, member_ids, self._clock.now_ms())

    def _forget(self) -> None:
        """What the rows stood for leaves the disk too: old pages of the database, files that hold them."""
        self._remove_dropped_files()
        self._store.engine.forget_deleted()

    def _carry_out(self, txn: Txn, member_id: str, at_ms: int, signature: str) -> ErasureRow:
        now_ms = self._clock.now_ms()
        # By the clock, so that an older state of this database does not give a number again.
        row = ErasureRow(max(erasure.last_number(txn) + 1, now_ms), member_id, at_ms, signature)
        erasure.add(txn, row)
        erase(txn, self._slices, member_id, now_ms)
        return row

    def _signed(self, member_id: str, at_ms: int) -> str:
        return base64.b64encode(self._signer.sign(erasure_statement(member_id, at_ms))).decode()

    def _proven(self, request: ErasuresRequest) -> list[Erasure]:
        """The caller's kept erasures that this chain's server signed, each member once."""
        if len(request.kept) > ERASURES_MAX or not 0 <= request.done <= _NUMBER_MAX:
            raise MalformedRequest("too many erasures")
        public = self._signer.public_key()
        found: dict[str, Erasure] = {}
        for each in request.kept:
            try:
                statement = erasure_statement(each.member_id, each.erased_at_ms)
                public.verify(base64.b64decode(each.signature, validate=True), statement)
            except (InvalidSignature, binascii.Error, ValueError):
                continue
            found.setdefault(each.member_id, each)
        return list(found.values())


def _told(txn: Txn, row: ErasureRow) -> Erased:
    waiting = tuple(Waiting(*each) for each in erasure.behind(txn, row.number))
    return Erased(row.number, row.member_id, row.erased_at_ms, waiting)
