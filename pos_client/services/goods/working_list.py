"""A list in progress: in memory at once, on disk a moment later, there again after a power cut.

Scans that come faster than the disk are written together, in order; `kept` resolves when all that was
entered so far is durable. Nothing here is a document yet: `finish` writes those and drops the list, in one
transaction.
"""

from __future__ import annotations

import json
import secrets
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from dataclasses import replace
from typing import Any

from pos_client.journal import stock_lists
from pos_client.journal.draft import Draft, Recorded
from pos_client.journal.stock_lists import KeptList
from pos_client.services.counter import Counter
from pos_client.services.futures import done, then
from pos_client.services.refusals.goods import ListBeingWritten
from pos_client.storage.connection import Connection
from pos_core.ids import uuid7

Line = dict[str, Any]


class WorkingList:
    """One list; main thread only. `data` is its own, `lines` by number, as the page above means them."""

    def __init__(self, counter: Counter, kept: KeptList, lines: Mapping[int, Line]) -> None:
        self._counter = counter
        self._kept = kept
        self.data: dict[str, Any] = json.loads(kept.data)
        self.lines: dict[int, Line] = dict(lines)
        self._last_line_no = max(self.lines, default=0)
        self._pending: dict[int, str | None] = {}
        self._lock = threading.Lock()
        self._flush: Future[None] = done(None)
        self._is_closed = False

    @classmethod
    def begin(cls, counter: Counter, kind: str, data: Mapping[str, Any]) -> WorkingList:
        """A new empty list."""
        now_ms = counter.time.now_ms()
        list_id = uuid7(now_ms, secrets.token_bytes(10))
        made = cls(counter, KeptList(list_id, kind, now_ms, now_ms, _text(data)), {})
        made._put_list()
        return made

    @classmethod
    def kept_lists(cls, counter: Counter, kind: str) -> list[WorkingList]:
        """Lists of a kind that were begun and not finished, oldest first."""

        def read(connection: Connection) -> list[tuple[KeptList, list[tuple[int, str]]]]:
            kept = [each for each in stock_lists.lists(connection) if each.kind == kind]
            return [(each, stock_lists.lines_of(connection, each.list_id)) for each in kept]

        return [
            cls(counter, kept, {line_no: json.loads(text) for line_no, text in lines})
            for kept, lines in counter.journal.change(read).result()  # behind every scan that still waits
        ]

    @property
    def list_id(self) -> str:
        """Its key in the journal file; sorts by time."""
        return self._kept.list_id

    @property
    def changed_at_ms(self) -> int:
        """When something was last entered."""
        return self._kept.changed_at_ms

    @property
    def kept(self) -> Future[None]:
        """Resolves when everything entered so far is on disk."""
        return self._flush

    def put(self, line_no: int, line: Line) -> None:
        """A line, new or changed. Raises ListBeingWritten."""
        self._require_open()
        self.lines[line_no] = line
        self._last_line_no = max(self._last_line_no, line_no)
        self._later(line_no, _text(line))

    def add(self, line: Line) -> int:
        """A new line; returns its number. Raises ListBeingWritten."""
        line_no = self._last_line_no + 1
        self.put(line_no, line)
        return line_no

    def remove(self, line_no: int) -> None:
        """Take a line off. Raises ListBeingWritten."""
        self._require_open()
        self.lines.pop(line_no, None)
        self._later(line_no, None)

    def change(self, **data: Any) -> None:
        """The list's own data. Raises ListBeingWritten."""
        self._require_open()
        self.data = {**self.data, **data}
        now_ms = self._counter.time.now_ms()
        self._kept = replace(self._kept, data=_text(self.data), changed_at_ms=now_ms)
        self._put_list()

    def drop(self) -> Future[None]:
        """Give the list up. Raises ListBeingWritten."""
        self._require_open()
        self._is_closed = True
        return self._counter.journal.change(lambda c: stock_lists.drop_list(c, self.list_id))

    def finish(self, drafts: Sequence[Draft]) -> Future[list[Recorded]]:
        """Its documents, and the list is gone: one transaction. After a failure the list is as it was.

        Raises ListBeingWritten.
        """
        self._require_open()
        self._is_closed = True

        def reopened() -> None:
            self._is_closed = False

        written = self._counter.record(drafts, also=lambda c: stock_lists.drop_list(c, self.list_id))
        return then(written, lambda recorded: recorded, otherwise=reopened)

    def write_with(self, connection: Connection, lines: Mapping[int, Line]) -> None:
        """On the journal's thread: these lines on disk in a transaction of the caller's."""
        texts = [(line_no, _text(line)) for line_no, line in lines.items()]
        stock_lists.put_lines(connection, self.list_id, texts, self.changed_at_ms)

    def _put_list(self) -> None:
        kept = self._kept
        self._flush = self._counter.journal.change(lambda c: stock_lists.put_list(c, kept))

    def _later(self, line_no: int, text: str | None) -> None:
        """One write for all that came since the last one began."""
        now_ms = self._counter.time.now_ms()
        self._kept = replace(self._kept, changed_at_ms=now_ms)
        with self._lock:
            waiting = bool(self._pending)
            self._pending[line_no] = text
        if not waiting:
            self._flush = self._counter.journal.change(lambda c: self._write(c, now_ms))

    def _write(self, connection: Connection, now_ms: int) -> None:
        """On the journal's thread. What a failed write held comes with the next one."""
        with self._lock:
            pending, self._pending = self._pending, {}
        try:
            stock_lists.put_lines(connection, self.list_id, pending.items(), now_ms)
        except BaseException:
            with self._lock:
                self._pending = {**pending, **self._pending}
            raise

    def _require_open(self) -> None:
        if self._is_closed:
            raise ListBeingWritten("the list is being written")


def _text(value: Mapping[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
