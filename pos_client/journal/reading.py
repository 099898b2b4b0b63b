"""What can be asked of an open journal: its documents, its head, and what the server said it has of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from pos_client.journal import opening
from pos_client.journal.append import SQL
from pos_client.journal.draft import Head, Recorded, Stretch, Tail, document_key
from pos_client.journal.fold import STATE
from pos_client.journal.member_keys import open_fields
from pos_client.journal.pruning import base_of
from pos_client.journal.readers import Readers
from pos_client.storage.connection import Connection
from pos_core.canonical import parse_strict
from pos_core.sync.document import Series

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class ResumeState:
    """What the server said it has of one series; `acked_number` 0 before any answer."""

    epoch: str
    acked_number: int
    head_hash: str
    heard_at_ms: int
    quarantined: tuple[int, ...] = ()
    backed_up_number: int = 0


@dataclass(frozen=True, slots=True)
class SeriesStatus:
    """One series of this file: its last number here, what the server acknowledged, what was pruned."""

    incarnation: int
    last_number: int
    acked_number: int
    pruned_number: int


class JournalReading:
    """The reading half of a journal: any thread, each call over one consistent snapshot."""

    def __init__(self, readers: Readers, tail: Tail) -> None:
        self._readers = readers
        self._tail = tail

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

    def stretch_after(self, number: int, *, limit: int, bytes_max: int, incarnation: int) -> Stretch | None:
        """The same as bytes alone, for sending; None when there are none."""
        series = Series(self.series.workstation_id, incarnation)
        return self.read(
            lambda connection: opening.stretch_from(
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
        """The hash of document `number`; None when it is not here. The number before the first kept one
        gives what the chain begins with: the genesis, or the last hash that was pruned."""
        base = self.base(incarnation)
        series = base.series
        if number == base.number:
            return base.hash
        key = document_key(series.incarnation, number)
        row = self.read(lambda connection: connection.execute(SQL["hash_at"], (key,)).fetchone())
        return None if row is None else str(row[0])

    def base(self, incarnation: int | None = None) -> Head:
        """What the kept documents of a series (default: the present one) begin after."""
        series = Series(self.series.workstation_id, incarnation or self.series.incarnation)
        return self.read(lambda connection: base_of(connection, series))

    def personal_fields(self, recorded: Recorded) -> dict[str, str] | None:
        """What a document holds under its member's key; None when there is nothing, or no key any more."""
        document = parse_strict(recorded.data)
        return self.read(lambda connection: open_fields(connection, document))

    def resume_point(self, incarnation: int | None = None) -> ResumeState | None:
        """The server's last answer for a series (default: the present one)."""
        wanted = incarnation or self.series.incarnation
        row = self.read(lambda connection: connection.execute(STATE["resume_point"], (wanted,)).fetchone())
        if row is None:
            return None
        epoch, acked_number, head_hash, heard_at_ms, quarantined, backed_up = row
        aside = tuple(json.loads(quarantined))
        return ResumeState(epoch, acked_number, head_hash, heard_at_ms, aside, backed_up)

    def series_status(self) -> list[SeriesStatus]:
        """Every series that has documents here, oldest first: what is still to be pushed of each."""
        rows = self.read(lambda connection: connection.execute(STATE["series_status"]).fetchall())
        return [SeriesStatus(*row) for row in rows]

    def documents_waiting(self) -> int:
        """How many documents the server has not acknowledged, over all series."""
        return sum(max(0, one.last_number - one.acked_number) for one in self.series_status())
