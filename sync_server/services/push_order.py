"""Pushes of one workstation, each after those that came before it.

A workstation with much to send sends the next batch before the last one's answer is there. It may be read at
any time; both are taken in the order in which they came, so that the second finds no gap before it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class PushOrder:
    """One a process. Several processes may each have a batch: the later one is then told of a gap."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._last: dict[str, threading.Event] = {}

    @contextmanager
    def place(self, workstation_id: str) -> Iterator[Callable[[], object]]:
        """A place behind everybody who has one. Yields what waits until they are gone.

        Whoever has a place is at work already, and waits for nobody who came later.
        """
        mine = threading.Event()
        with self._lock:
            before = self._last.get(workstation_id)
            self._last[workstation_id] = mine
        try:
            yield (lambda: None) if before is None else before.wait
        finally:
            if before is not None:
                before.wait()  # whoever is behind this one is behind those before it as well
            mine.set()
            with self._lock:
                if self._last.get(workstation_id) is mine:
                    del self._last[workstation_id]
