"""How sync is, as a value, and who wants to know when it changes."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Literal

from pos_client.log import get_logger
from pos_client.replica.replica import Replica
from pos_client.sync.server_clock import SERVER_TIME_SETTING

Network = Literal["never", "online", "offline", "offline_by_choice"]
BY_CHOICE_SETTING = "offline_by_choice"
LAST_CONTACT_SETTING = "last_contact_ms"
"""Kept in the replica."""
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


def first_state(replica: Replica, documents_waiting: int) -> SyncState:
    """How sync is when the program starts: what it was when it ended."""
    last = replica.setting(LAST_CONTACT_SETTING)
    heard = last is not None or replica.setting(SERVER_TIME_SETTING) is not None
    by_choice = replica.setting(BY_CHOICE_SETTING) == "1"
    return SyncState(
        network="offline_by_choice" if by_choice else "offline" if heard else "never",
        busy=False,
        last_contact_ms=None if last is None else int(last),
        last_error=None,
        documents_waiting=documents_waiting,
    )
