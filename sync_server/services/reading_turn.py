"""When a large batch is read: while the one before it is written to the disk.

Reading a batch and taking one are both work of one interpreter: side by side neither is done any sooner, and
each waits for the other at every step of the database. The commit needs no interpreter: encrypting pages and
waiting for the disk leave it to others, if anything is left to do by then.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

LARGE = 100
"""Documents. Smaller batches are read at once: they are nothing beside a commit."""
WAIT_MAX_S = 0.5


class ReadingTurn:
    """One a process that works alone on its database."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._taking = 0

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

    def wait(self, documents: int) -> None:
        """Before a batch of so many documents is read: until none is being taken, or long enough."""
        if documents >= LARGE:
            with self._changed:
                self._changed.wait_for(lambda: not self._taking, WAIT_MAX_S)
