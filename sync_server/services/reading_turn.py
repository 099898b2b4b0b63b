"""When a large batch is read: while the one before it is written to the disk.

Reading a batch and taking one are both work of one interpreter: side by side neither is done any sooner, and
each waits for the other at every step of the database. The commit needs no interpreter: encrypting pages and
waiting for the disk leave it to others, if anything is left to do by then. But reading holds it for
milliseconds at a time: so the commit must be under way first, and a batch that was just read be on its way.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

LARGE = 64 * 1024
"""Bytes. Smaller batches, of a hundred documents, are read at once: they are nothing beside a commit."""
WAIT_MAX_S = 0.5
GOES_ON_S = 0.0005
"""What a batch goes on with, once it is read or taken, needs the interpreter for a fifth of that."""


class ReadingTurn:
    """One a process that works alone on its database."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._taking = 0
        self._went_on_s = 0.0
        self._places: deque[Turn] = deque()
        """Who is reading, and behind it who waits for that, in the order in which they came."""
        self._read: set[Turn] = set()
        """Those that are read, or being read, and not done with."""
        self._remains: object = None

    @contextmanager
    def taking(self) -> Iterator[None]:
        """A batch is being taken: inside its transaction, before the commit."""
        with self._changed:
            self._taking += 1
        try:
            yield
        finally:
            with self._changed:
                self._taking -= 1
                self._goes_on()

    @contextmanager
    def of(self, length: int) -> Iterator[Turn]:
        """From before a batch of so many bytes is read until it is done with."""
        turn = Turn(self, is_large=length >= LARGE)
        try:
            yield turn
        finally:
            with self._changed:
                self._read.discard(turn)
                if not self._read:
                    self._remains = None
                self._changed.notify_all()

    def _begin(self, turn: Turn) -> None:
        with self._changed:
            self._places.append(turn)
        until_s = time.monotonic() + WAIT_MAX_S
        left_s = WAIT_MAX_S
        while left_s > 0:
            with self._changed:
                self._changed.wait_for(lambda: self._may_read(turn), left_s)
                moment_s = self._went_on_s + GOES_ON_S - time.monotonic()
            if moment_s <= 0:
                break
            time.sleep(moment_s)
            left_s = until_s - time.monotonic()
        with self._changed:
            self._read.add(turn)

    def _may_read(self, turn: Turn) -> bool:
        return not self._taking and self._places[0] is turn

    def _end(self, turn: Turn) -> None:
        with self._changed:
            self._places.remove(turn)
            self._goes_on()
        self._remains = None  # now: the batch before is being written, and nobody wants the interpreter

    def _leave(self, remains: object) -> None:
        with self._changed:
            if len(self._read) > 1:
                self._remains = remains

    def _goes_on(self) -> None:
        self._went_on_s = time.monotonic()
        self._changed.notify_all()


class Turn:
    """Of one batch."""

    def __init__(self, turns: ReadingTurn, *, is_large: bool) -> None:
        self._turns = turns
        self._is_large = is_large

    @contextmanager
    def reading(self) -> Iterator[None]:
        """It is read: of large ones one at a time, when none is taken, or after long enough."""
        if not self._is_large:
            yield
            return
        self._turns._begin(self)
        try:
            yield
        finally:
            self._turns._end(self)

    def leave(self, remains: object) -> None:
        """What a large batch was made of, tens of thousands of objects, which take milliseconds to give back.

        Whoever reads the next one gives it back, while this one's successor is written, and not before that
        one can be taken. If there is nobody else it is not kept.
        """
        if self._is_large:
            self._turns._leave(remains)
