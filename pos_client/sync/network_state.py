"""How sync is, as a value, and who wants to know when it changes."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Literal

from pos_client.log import get_logger

Network = Literal["never", "online", "offline", "offline_by_choice"]
_log = get_logger("pos_client.sync")


@dataclass(frozen=True, slots=True)
class SyncState:
    """`last_error` is the code of the trouble that ended the last exchange; None after a good one."""

    network: Network
    busy: bool
    last_contact_ms: int | None
    last_error: str | None
    documents_waiting: int


class StateHolder:
    """The present state. Listeners are called on the thread that changed it, and must only post on."""

    def __init__(self, state: SyncState) -> None:
        self._state = state
        self._lock = threading.Lock()
        self._listeners: list[Callable[[SyncState], Any]] = []

    @property
    def state(self) -> SyncState:
        """As of now."""
        return self._state

    def on_change(self, listener: Callable[[SyncState], Any]) -> None:
        """Call `listener` after each change, from whatever thread made it."""
        with self._lock:
            self._listeners.append(listener)

    def change(self, **changes: Any) -> None:
        """Set fields; tells the listeners when something is different."""
        with self._lock:
            changed = replace(self._state, **changes)
            if changed == self._state:
                return
            self._state = changed
            listeners = tuple(self._listeners)
        for listener in listeners:
            try:
                listener(changed)
            except Exception:
                _log.exception("listener_failed")
