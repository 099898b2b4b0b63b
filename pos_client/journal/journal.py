"""The journal of one workstation: what happened here, in order, kept so that it can be proven."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import Any, TypeVar

from pos_client.journal import opening, pruning, signing, start
from pos_client.journal.append import append_drafts
from pos_client.journal.draft import Draft, Head, Recorded, SignedHead, Tail, document_key
from pos_client.journal.fold import STATE
from pos_client.journal.member_keys import destroy_key, destroy_keys, erased_members, give_up_keys
from pos_client.journal.pruning import Retention
from pos_client.journal.put_aside import in_each
from pos_client.journal.readers import Readers
from pos_client.journal.reading import JournalReading
from pos_client.journal.rescue import adopt, begin_next_series
from pos_client.journal.sessions import doubt_sign_ons
from pos_client.journal.settings import delete_setting, get_setting
from pos_client.journal.witness import Testimony, Witness, read_witness
from pos_client.keys.key_store import KeyStore, get_or_make
from pos_client.storage.ballast import BALLAST_BYTES, give_up_ballast, keep_ballast
from pos_client.storage.connection import Connection
from pos_client.storage.database import open_database
from pos_client.storage.errors import Busy, LostTail
from pos_client.storage.instance_lock import InstanceLock
from pos_client.storage.upgrade import forget_copies, open_upgraded
from pos_client.storage.writer import Writer
from pos_core.clock import Clock, HybridTime
from pos_core.sync.document import Series

T = TypeVar("T")
WITNESS_KEY = "witness_key"


class Journal(JournalReading):
    """Opened by `Journal.open`; one writer thread, any number of reading threads.

    Attributes:
        unwitnessed: documents that were committed but whose witness record was cut off: completed, and
            perhaps never printed. The operator is shown them once after the start.
        witness_state: "ok"; "new" with a file made now; "missing" or "unreadable" when the witness of an
            older file had to be begun anew.
        lost_tail: why nothing may be recorded (only with `rescue=True`); None in normal work.
    """

    def __init__(
        self,
        *,
        path: Path,
        keys: KeyStore,
        clock: Clock,
        lock: InstanceLock,
        writer: Writer,
        readers: Readers,
        tail: Tail,
        testimony: Testimony,
        witness_path: Path,
        lost: LostTail | None,
        app_version: str,
    ) -> None:
        """Use `Journal.open`."""
        super().__init__(readers, tail)
        self.path = path
        self._keys = keys
        self._clock = clock
        self._app_version = app_version
        self._lock = lock
        self._writer = writer
        self._heard = tail.hybrid_time
        self._testimony = testimony
        self._witness_path = witness_path
        self._witness: Witness | None = None
        self._signing_key = signing.load_signing_key(keys)
        self.lost_tail = lost
        self.witness_state = testimony.state
        self.unwitnessed: list[Recorded] = []
        if lost is None:
            self._trust_the_journal()

    @classmethod
    def open(
        cls,
        path: Path,
        *,
        keys: KeyStore,
        witness_path: Path,
        series: Series,
        store_id: str,
        clock: Clock,
        recovery_public_key: bytes | None = None,
        app_version: str = "",
        rescue: bool = False,
        ballast_bytes: int = BALLAST_BYTES,
    ) -> Journal:
        """Opens the journal of `series`, or makes it when neither file nor witness exists.

        `series` comes from enrolment: an incarnation above the file's begins a new series; one below it
        is out of date and the file's counts. With `rescue` a lost tail does not raise: the journal
        opens without accepting records until `adopt_documents` or `open_new_incarnation` has healed it.
        Raises SecondInstance, LostTail, MispairedJournal and everything `open_database` raises.
        """
        lock = InstanceLock(path.parent / "lock")
        undo = contextlib.ExitStack()
        undo.callback(lock.close)
        with undo:
            witness_key = get_or_make(keys, WITNESS_KEY)
            testimony = read_witness(witness_path, witness_key)
            key = start.file_key(path, keys)
            new = not path.exists()
            if new:
                start.build(
                    path,
                    keys,
                    series=series,
                    store_id=store_id,
                    testimony=testimony,
                    now_ms=clock.now_ms(),
                    app_version=app_version,
                    rescue=rescue,
                )
            start.seal_beside(path, key, recovery_public_key)
            connection = open_upgraded(lambda: start.open_with_ballast(path, key), opening.STEPS, path, key)
            undo.callback(connection.close)
            tail = opening.read_tail(connection, path)
            if tail.series.workstation_id != series.workstation_id:
                raise opening.mispaired(path, series.workstation_id)
            lost = opening.ask_witness(connection, tail, testimony, path)
            if lost is not None and not rescue:
                raise lost
            if not new and testimony.head is None:
                doubt_sign_ons(connection, clock.now_ms())  # before a new witness says that all is well
            readers = Readers(
                lambda: open_database(path, key, application_id=opening.APPLICATION_ID, read_only=True), path
            )
            undo.callback(readers.close)
            writer = Writer(connection, path, name="journal-writer")
            undo.callback(writer.close)
            journal = cls(
                path=path,
                keys=keys,
                clock=clock,
                lock=lock,
                writer=writer,
                readers=readers,
                tail=tail,
                testimony=testimony,
                witness_path=witness_path,
                lost=lost,
                app_version=app_version,
            )
            undo.callback(journal.close)
            if new and testimony.state == "missing":
                journal.witness_state = "new"
            keep_ballast(path.parent / "ballast", size=ballast_bytes)
            if lost is None and journal.read(lambda c: get_setting(c, opening.UNPROVEN)):
                journal.change(lambda c: delete_setting(c, opening.UNPROVEN))
            if lost is None and series.incarnation > tail.series.incarnation:
                journal.open_new_incarnation("enrolled", incarnation=series.incarnation).result()
            undo.pop_all()  # the last line: whatever fails before it gives the lock and the files back
        return journal

    # --- writing -----------------------------------------------------------------------------------------

    def record(
        self, drafts: Sequence[Draft], *, also: Callable[[Connection], Any] | None = None
    ) -> Future[list[Recorded]]:
        """Writes `drafts` and what `also` does in one transaction. From any thread.

        The future resolves after COMMIT and after the witness has been flushed: only then may success be
        shown, a drawer open or a receipt print. It fails with DiskFull or DiskTrouble ("not_recorded":
        nothing was written; "uncertain": restart and look), LostTail, or what `also` raised.
        """

        def write(connection: Connection) -> tuple[list[Recorded], Tail]:
            if self.lost_tail is not None:
                raise self.lost_tail
            start = self._tail_with_what_was_heard()
            written = append_drafts(connection, start, drafts, self._clock.now_ms())
            if also is not None:
                also(connection)
            return written

        return self._writer.submit(write, after_commit=self._committed)

    def change(self, work: Callable[[Connection], T]) -> Future[T]:
        """Runs `work` in a transaction without a document: baskets in progress, settings."""
        return self._writer.submit(work)

    def _committed(self, written: tuple[list[Recorded], Tail]) -> list[Recorded]:
        recorded, tail = written
        assert self._witness is not None
        self._witness.testify(tail.head)
        self._tail = tail
        return recorded

    def _tail_with_what_was_heard(self) -> Tail:
        tail = self._tail
        if self._heard <= tail.hybrid_time:
            return tail
        return Tail(tail.series, tail.store_id, tail.number, tail.hash, self._heard)

    def hear(self, hybrid_time: HybridTime) -> None:
        """Merges another's clock: documents recorded from now on come after it."""
        self._heard = max(self._heard, hybrid_time)

    # --- what the server has -----------------------------------------------------------------------------

    def keep_resume_point(
        self,
        epoch: str,
        acked_number: int,
        head_hash: str,
        *,
        incarnation: int | None = None,
        quarantined: Sequence[int] = (),
        backed_up_number: int = 0,
    ) -> Future[None]:
        """Remembers the server's answer. Only its answers come here, never what we believe."""
        of = incarnation or self.series.incarnation
        aside = json.dumps(list(quarantined))
        row = (of, epoch, acked_number, head_hash, self._clock.now_ms(), aside, backed_up_number)

        def write(connection: Connection) -> None:
            connection.execute(STATE["put_resume_point"], row)

        return self.change(write)

    # --- signatures --------------------------------------------------------------------------------------

    def public_key(self) -> str:
        """Base64 of the workstation's Ed25519 public key."""
        return signing.public_key_text(self._signing_key)

    def sign_head(self, head: Head | None = None) -> SignedHead:
        """Signs `head` (default: the present one). Signs only what this journal holds."""
        wanted = head or self.head()
        assert self.hash_at(wanted.number, incarnation=wanted.series.incarnation) == wanted.hash
        return signing.sign(self._signing_key, wanted)

    def sign_statement(self, statement: bytes) -> bytes:
        """Ed25519 over `statement`, which begins with a label of its own: good for nothing else."""
        return self._signing_key.sign(statement)

    def keep_signed_head(self, signed: SignedHead) -> Future[None]:
        """Keeps a signature in the file: `verify` checks it against the chain."""
        public = self._signing_key.public_key().public_bytes_raw()
        key = document_key(signed.series.incarnation, signed.number)
        row = (key, signed.signature, public, self._clock.now_ms())

        def write(connection: Connection) -> None:
            connection.execute(STATE["keep_signed_head"], row)

        return self.change(write)

    # --- erasure, rescue, end ----------------------------------------------------------------------------

    def erase_member(self, member_id: str) -> Future[None]:
        """Destroys the member's key; when the future resolves no file of this journal holds it any more.

        Fails with Busy when a long read keeps the log from being emptied: the key is gone from the
        database all the same, and the call may be repeated.
        """
        now_ms = self._clock.now_ms()
        self._writer.submit(lambda connection: destroy_key(connection, member_id, now_ms))

        def erased(connection: Connection) -> None:
            gone = [each for each, _ in erased_members(connection)]
            self._leave_no_trace(connection, lambda old: destroy_keys(old, gone, now_ms))

        return self._writer.outside(erased)

    def give_up_member_keys(self, *, keep_unsent: bool) -> Future[None]:
        """For a revoked workstation: see `member_keys.give_up_keys`; fails like `erase_member`."""

        def give_up(connection: Connection) -> None:
            give_up_keys(connection, keep_unsent=keep_unsent)

        self._writer.submit(give_up)
        return self._writer.outside(lambda connection: self._leave_no_trace(connection, give_up))

    def _leave_no_trace(self, connection: Connection, also: Callable[[Connection], None]) -> None:
        """In no file of this journal: log, copies of upgrades, files that a restore put aside."""
        _empty_the_log(connection, self.path)
        forget_copies(self.path)
        in_each(self.path, start.file_key(self.path, self._keys), also)

    def prune(self, retention: Retention, *, heard_ms: int) -> int:
        """Lets one slice of old documents go that the server has; returns how many, 0 when none may.

        `heard_ms` is the server's own time, heard in this exchange: a wall clock that jumps ahead must not
        age anything. Waits for the commit. Raises the storage troubles.
        """
        if self.lost_tail is not None or self.read(lambda c: pruning.plan(c, retention, heard_ms)) is None:
            return 0

        def write(connection: Connection) -> tuple[int, tuple[list[Recorded], Tail]]:
            planned = pruning.plan(connection, retention, heard_ms)
            if planned is None:
                return 0, ([], self._tail)
            tail, now_ms = self._tail_with_what_was_heard(), self._clock.now_ms()
            written = pruning.prune(connection, tail, planned, opening.utc_day(now_ms), now_ms)
            return pruning.SLICE, written

        def committed(outcome: tuple[int, tuple[list[Recorded], Tail]]) -> int:
            self._committed(outcome[1])
            return outcome[0]

        done: Future[int] = self._writer.submit(write, after_commit=committed)
        return done.result()

    def adopt_documents(self, documents: Sequence[bytes]) -> Future[Head]:
        """Takes back documents of ours that the server or a peer kept, oldest first, bytes untouched.

        When everything the witness saw is there again, the journal is healed and records again. Raises
        ForeignDocument (none of them is kept) when one does not continue this chain.
        """

        def write(connection: Connection) -> tuple[Tail, LostTail | None]:
            tail = adopt(connection, self._tail, documents)
            return tail, opening.ask_witness(connection, tail, self._testimony, self.path)

        def committed(outcome: tuple[Tail, LostTail | None]) -> Head:
            self._tail, self.lost_tail = outcome
            if self.lost_tail is None:
                self._trust_the_journal()
            return self._tail.head

        return self._writer.submit(write, after_commit=committed)

    def open_new_incarnation(self, reason: str, *, incarnation: int | None = None) -> Future[Recorded]:
        """Ends the present series and begins the next with a `series_opened` document.

        The way out of a lost tail when the server is away; also after a restore and an enrolment anew.
        Documents of the earlier series stay here and are still pushed. Any reason but "enrolled" locks
        every sign-on for one period: wrong PINs may be among what was lost.
        """

        def write(connection: Connection) -> tuple[list[Recorded], Tail]:
            return begin_next_series(
                connection,
                self._tail_with_what_was_heard(),
                self._testimony.head if self.lost_tail is not None else None,
                reason=reason,
                incarnation=incarnation or 0,
                public_key=self.public_key(),
                app_version=self._app_version,
                now_ms=self._clock.now_ms(),
            )

        def committed(written: tuple[list[Recorded], Tail]) -> Recorded:
            recorded, tail = written
            self._tail, self.lost_tail = tail, None
            self._trust_the_journal()
            return recorded[0]

        return self._writer.submit(write, after_commit=committed)

    def give_up_ballast(self) -> bool:
        """Deletes the reserve so that a shift can be closed on a full disk. True when that gave room."""
        return give_up_ballast(self.path.parent / "ballast")

    def outside(self, work: Callable[[Connection], T]) -> Future[T]:
        """Runs `work` on the writer's thread with no transaction open: backups, checkpoints."""
        return self._writer.outside(work)

    def close(self) -> None:
        """Ends what is queued and lets go of every file. Fine to call twice."""
        self._readers.close()
        self._writer.close()
        if self._witness is not None:
            self._witness.close()
        self._lock.close()

    def _trust_the_journal(self) -> None:
        """The journal holds all that the witness saw: bring the witness up to the journal's end."""
        tail, seen = self._tail, self._testimony.head
        if seen is not None and seen.series == tail.series:
            self.unwitnessed = self.documents_after(seen.number, limit=1000)
        if self._witness is None:
            key = get_or_make(self._keys, WITNESS_KEY)
            self._witness = Witness.open(self._witness_path, key, self._testimony, tail.head)
        if seen != tail.head:
            self._witness.testify(tail.head)


def _empty_the_log(connection: Connection, path: Path) -> None:
    busy = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
    if busy:
        raise Busy(f"{path}: a long read holds the log; try again.", path=str(path))
