"""The replica's file with its two connections: reads on the caller's thread, writes on the writer's."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import TypeVar

from sqlcipher3 import dbapi2 as sqlcipher

from pos_client.replica import schema
from pos_client.replica.errors import sort_replica_error
from pos_client.storage.connection import Connection
from pos_client.storage.errors import DamagedFile
from pos_client.storage.writer import Writer

T = TypeVar("T")


class ReplicaFile:
    """Reading methods: any thread. Writing methods: any thread but the writer's own.

    Attributes:
        generation: rises whenever rows of the feed or releases have changed; caches are held against it.
    """

    def __init__(self, path: Path, key: bytes) -> None:
        """Raises what `open_database` raises."""
        self.path = path
        self.generation = 0
        self._lock = threading.RLock()
        self._writer: Writer
        self._reader: Connection
        self._open(key)

    def close(self) -> None:
        """Ends queued writes and closes both connections."""
        self._writer.close()
        with self._lock:
            self._reader.close()
            self._key = b""

    def read(self, query: Callable[[Connection], T]) -> T:
        """Run a short query on the caller's thread. Raises DamagedReplica and the other storage troubles."""
        with self._lock:
            try:
                return query(self._reader)
            except sqlcipher.Error as error:
                raise sort_replica_error(error, self.path) from error

    def write(self, change: Callable[[Connection], T]) -> T:
        """Run a change in one transaction on the writer's thread and wait until it is durable."""
        with self._lock:  # while the file is swapped there is no writer to hand it to
            future: Future[T] = self._writer.submit(change)
        try:
            return future.result()
        except DamagedFile as error:
            raise sort_replica_error(error, self.path) from error

    def replace_file(self, put_in_place: Callable[[], bytes]) -> None:
        """Close, let `put_in_place` swap the file and return its key, open again. Reads wait meanwhile."""
        with self._lock:
            self._writer.outside(lambda c: c.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()).result()
            self._reader.close()
            self._writer.close()
            key = self._key
            try:
                key = put_in_place()
            finally:
                self._open(key)
                self.generation += 1

    def _open(self, key: bytes) -> None:
        self._key = key
        try:
            writing = schema.open_writer(self.path, key)
            self._writer = Writer(writing, self.path, name="replica-writer")
            self._reader = schema.open_reader(self.path, key)
        except DamagedFile as error:
            raise sort_replica_error(error, self.path) from error
