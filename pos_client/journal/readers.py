"""Reading connections: each used by one thread at a time, each read one snapshot of the journal."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from sqlcipher3 import dbapi2 as sqlcipher

from pos_client.storage.connection import Connection
from pos_client.storage.errors import sort_sqlite_error

T = TypeVar("T")


class Readers:
    """A small pool. A snapshot lives only while a query runs, so checkpoints are never held up long."""

    def __init__(self, open_connection: Callable[[], Connection], path: Path) -> None:
        self._open = open_connection
        self._path = path
        self._idle: list[Connection] = [open_connection()]
        self._lock = threading.Lock()
        self._closed = False

    def read(self, query: Callable[[Connection], T]) -> T:
        """Runs `query` on one consistent state; from any thread. Raises what `sort_sqlite_error` says."""
        with self._lock:
            connection = self._idle.pop() if self._idle else None
        if connection is None:
            connection = self._open()
        try:
            connection.execute("BEGIN")
            result = query(connection)
            connection.execute("COMMIT")
        except BaseException as error:
            connection.close()
            if isinstance(error, sqlcipher.Error):
                raise sort_sqlite_error(error, self._path, key_is_right=True) or error from error
            raise
        with self._lock:
            if not self._closed:
                self._idle.append(connection)
                return result
        connection.close()
        return result

    def close(self) -> None:
        """Closes the idle connections; one in use is closed when its query ends."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()
