"""The journal of one workstation: what happened here, in order, kept so that it can be proven."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from pos_client.journal import opening, signing, start
from pos_client.journal.append import SQL, append_drafts, append_foreign
from pos_client.journal.draft import Draft, Head, Recorded, SignedHead, Tail, document_key
from pos_client.journal.fold import STATE
from pos_client.journal.member_keys import destroy_key, open_fields
from pos_client.journal.readers import Readers
from pos_client.journal.sessions import doubt_sign_ons
from pos_client.journal.settings import delete_setting, get_setting
from pos_client.journal.witness import Testimony, Witness, read_witness
from pos_client.keys.key_store import KeyStore, get_or_make
from pos_client.storage.ballast import BALLAST_BYTES, give_up_ballast, keep_ballast
from pos_client.storage.connection import Connection
from pos_client.storage.database import open_database
from pos_client.storage.errors import Busy, LostTail
from pos_client.storage.instance_lock import InstanceLock
from pos_client.storage.migrations import migrate
from pos_client.storage.writer import Writer
from pos_core.canonical import parse_strict
from pos_core.clock import Clock, HybridTime
from pos_core.sync.document import Series

T = TypeVar("T")
WITNESS_KEY = "witness_key"


@dataclass(frozen=True, slots=True)
class ResumeState:
    """What the server said it has of one series; `acked_number` 0 before any answer."""

    epoch: str
    acked_number: int
    head_hash: str
    heard_at_ms: int


@dataclass(frozen=True, slots=True)
class SeriesStatus:
    """One series of this file: its last number here and what the server acknowledged."""

    incarnation: int
    last_number: int
    acked_number: int


class Journal:
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
        self.path = path
        self._keys = keys
        self._clock = clock
        self._app_version = app_version
        self._lock = lock
        self._writer = writer
        self._readers = readers
        self._tail = tail
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
            connection = start.open_with_ballast(path, key)
            undo.callback(connection.close)
            migrate(connection, opening.STEPS, path)
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

    # --- reading -----------------------------------------------------------------------------------------

    def read(self, query: Callable[[Connection], T]) -> T:
        """Runs `query` on the caller's thread over one consistent snapshot. It must not write."""
        return self._readers.read(query)

    def head(self) -> Head:
        """The last document that is durable here and at the witness."""
        return self._tail.head

    @property
    def series(self) -> Series:
        """The series that documents go into now."""
        return self._tail.series

    @property
    def store_id(self) -> str:
        """The store that documents go into now."""
        return self._tail.store_id

    def documents_after(
        self, number: int, *, limit: int, bytes_max: int | None = None, incarnation: int | None = None
    ) -> list[Recorded]:
        """Documents with a number above `number`, oldest first; at most `limit` and about `bytes_max`."""
        series = self.series if incarnation is None else Series(self.series.workstation_id, incarnation)
        return self.read(
            lambda connection: opening.documents_from(
                connection, series, number, limit=limit, bytes_max=bytes_max
            )
        )

    def last_of_type(self, kind: str) -> Recorded | None:
        """The newest document of a type, over all series."""
        row = self.read(lambda connection: connection.execute(SQL["last_of_type"], (kind,)).fetchone())
        return None if row is None else opening.as_recorded(row, self.series.workstation_id)

    def newest_document_ms(self) -> int:
        """When the last document was written, by the wall clock of then; 0 for an empty journal."""
        head = self.head()
        if head.number == 0:
            return 0
        last = self.documents_after(head.number - 1, limit=1, incarnation=head.series.incarnation)
        return last[0].occurred_at_ms

    def hash_at(self, number: int, *, incarnation: int | None = None) -> str | None:
        """The hash of document `number`; None when it is not here. Number 0 gives the genesis."""
        series = Series(self.series.workstation_id, incarnation or self.series.incarnation)
        if number == 0:
            return series.genesis()
        key = document_key(series.incarnation, number)
        row = self.read(lambda connection: connection.execute(SQL["hash_at"], (key,)).fetchone())
        return None if row is None else str(row[0])

    def personal_fields(self, recorded: Recorded) -> dict[str, str] | None:
        """What a document holds under its member's key; None when there is nothing, or no key any more."""
        document = parse_strict(recorded.data)
        return self.read(lambda connection: open_fields(connection, document))

    # --- what the server has -----------------------------------------------------------------------------

    def resume_point(self, incarnation: int | None = None) -> ResumeState | None:
        """The server's last answer for a series (default: the present one)."""
        wanted = incarnation or self.series.incarnation
        row = self.read(lambda connection: connection.execute(STATE["resume_point"], (wanted,)).fetchone())
        return None if row is None else ResumeState(*row)

    def keep_resume_point(
        self, epoch: str, acked_number: int, head_hash: str, *, incarnation: int | None = None
    ) -> Future[None]:
        """Remembers the server's answer. Only its answers come here, never what we believe."""
        row = (incarnation or self.series.incarnation, epoch, acked_number, head_hash, self._clock.now_ms())

        def write(connection: Connection) -> None:
            connection.execute(STATE["put_resume_point"], row)

        return self.change(write)

    def series_status(self) -> list[SeriesStatus]:
        """Every series that has documents here, oldest first: what is still to be pushed of each."""
        rows = self.read(lambda connection: connection.execute(STATE["series_status"]).fetchall())
        return [SeriesStatus(*row) for row in rows]

    def documents_waiting(self) -> int:
        """How many documents the server has not acknowledged, over all series."""
        return sum(max(0, one.last_number - one.acked_number) for one in self.series_status())

    # --- signatures --------------------------------------------------------------------------------------

    def public_key(self) -> str:
        """Base64 of the workstation's Ed25519 public key."""
        return signing.public_key_text(self._signing_key)

    def sign_head(self, head: Head | None = None) -> SignedHead:
        """Signs `head` (default: the present one). Signs only what this journal holds."""
        wanted = head or self.head()
        assert self.hash_at(wanted.number, incarnation=wanted.series.incarnation) == wanted.hash
        return signing.sign(self._signing_key, wanted)

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
        return self._writer.outside(lambda connection: _empty_the_log(connection, self.path))

    def adopt_documents(self, documents: Sequence[bytes]) -> Future[Head]:
        """Takes back documents of ours that the server or a peer kept, oldest first, bytes untouched.

        When everything the witness saw is there again, the journal is healed and records again. Raises
        ForeignDocument (none of them is kept) when one does not continue this chain.
        """

        def write(connection: Connection) -> tuple[Tail, LostTail | None]:
            tail = self._tail
            for data in documents:
                _, tail = append_foreign(connection, _series_for(connection, tail, data), data)
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
            old = self._tail_with_what_was_heard()
            seen = self._testimony.head if self.lost_tail is not None else None
            newest = max(old.series.incarnation, seen.series.incarnation if seen else 0) + 1
            series = Series(old.series.workstation_id, max(newest, incarnation or 0))
            tail = opening.begin_series(connection, series, old.store_id, old.hybrid_time)
            locked_until_ms = (
                None if reason == "enrolled" else doubt_sign_ons(connection, self._clock.now_ms())
            )
            draft = opening.series_opened(
                reason=reason,
                public_key=self.public_key(),
                app_version=self._app_version,
                now_ms=self._clock.now_ms(),
                previous=old.head if old.number else None,
                witness=seen,
                sign_on_locked_until_ms=locked_until_ms,
            )
            delete_setting(connection, opening.UNPROVEN)
            return append_drafts(connection, tail, [draft], self._clock.now_ms())

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


def _series_for(connection: Connection, tail: Tail, data: bytes) -> Tail:
    """The tail that `data` continues: the present one, or a later series that it begins."""
    document = parse_strict(data)
    incarnation = document.get("incarnation") if isinstance(document, dict) else None
    if not isinstance(incarnation, int) or incarnation <= tail.series.incarnation:
        return tail
    series = Series(tail.series.workstation_id, incarnation)
    return opening.begin_series(connection, series, tail.store_id, tail.hybrid_time)


def _empty_the_log(connection: Connection, path: Path) -> None:
    busy = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
    if busy:
        raise Busy(f"{path}: a long read holds the log; try again.", path=str(path))
