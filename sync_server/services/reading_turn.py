"""When a large batch is read: while the one before it is written to the disk.

Reading a batch and taking one are both work of one interpreter: side by side neither is done any sooner, and
each waits for the other at every step of the database. The commit needs no interpreter: encrypting pages and
waiting for the disk leave it to others, if anything is left to do by then.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

LARGE = 64 * 1024
"""Bytes. Smaller batches, of a hundred documents, are read at once: they are nothing beside a commit."""
WAIT_MAX_S = 0.5


class ReadingTurn:
    """One a process that works alone on its database."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._taking = 0
        self._places: deque[object] = deque()
        """Who is reading, and behind it who waits for that, in the order in which they came."""

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
                self._changed.notify_all()

    @contextmanager
    def reading(self, length: int) -> Iterator[None]:
        """A batch of so many bytes is read: one at a time, when none is taken, or after long enough."""
        if length < LARGE:
            yield
            return
        mine = object()
        with self._changed:
            self._places.append(mine)
            self._changed.wait_for(lambda: not self._taking and self._places[0] is mine, WAIT_MAX_S)
        try:
            yield
        finally:
            with self._changed:
                self._places.remove(mine)
                self._changed.notify_all()
