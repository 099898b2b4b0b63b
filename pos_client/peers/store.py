"""The file of peers' facts: its own key, its own writer thread, nothing that a sale waits for."""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import TypeVar

from sqlcipher3 import dbapi2 as sqlcipher

from pos_client.journal.readers import Readers
from pos_client.keys.key_store import KeyStore, KeyStoreTrouble
from pos_client.keys.sealing import sealed_path, write_sealed_key
from pos_client.log import get_logger
from pos_client.peers import schema
from pos_client.storage.connection import Connection
from pos_client.storage.database import build_database, open_database, remove_database
from pos_client.storage.errors import Busy, StorageTrouble
from pos_client.storage.writer import Writer

T = TypeVar("T")
FILE_NAME = "peers.db"
PEERS_KEY = "peers_key"
_log = get_logger("pos_client.peers")


class PeerStore:
    """Opened by `PeerStore.open`; any thread reads, one thread writes.

    Attributes:
        generation: rises with each change; caches are held against it.
    """

    def __init__(self, path: Path, writer: Writer, readers: Readers) -> None:
        """Use `PeerStore.open`."""
        self.path = path
        self.generation = 0
        self._writer = writer
        self._readers = readers

    @classmethod
    def open(cls, path: Path, keys: KeyStore, recovery_public_key: bytes | None = None) -> PeerStore:
        """The file at `path`, made anew where there is none that can be used.

        Raises the storage troubles of a disk that takes no new file either.
        """
        try:
            return cls._open(path, _key(path, keys))
        except (StorageTrouble, sqlcipher.Error, _Unusable) as error:
            if path.exists():
                _log.warning("peers_file_thrown_away", reason=str(error)[:200])
        forget(path, keys)
        key = secrets.token_bytes(32)
        keys.put(PEERS_KEY, key)
        write_sealed_key(path, key, recovery_public_key)
        build_database(path, key, schema.build, application_id=schema.APPLICATION_ID)
        return cls._open(path, key)

    @classmethod
    def _open(cls, path: Path, key: bytes) -> PeerStore:
        with contextlib.ExitStack() as undo:
            writing = open_database(path, key, application_id=schema.APPLICATION_ID)
            undo.callback(writing.close)
            if writing.execute("PRAGMA user_version").fetchone()[0] != schema.VERSION:
                raise _Unusable("another version of the file")
            writing.execute(schema.BY_TYPE)
            readers = Readers(
                lambda: open_database(path, key, application_id=schema.APPLICATION_ID, read_only=True), path
            )
            undo.pop_all()
        return cls(path, Writer(writing, path, name="peers-writer"), readers)

    def read(self, query: Callable[[Connection], T]) -> T:
        """Over one snapshot, on the caller's thread. Raises storage troubles."""
        return self._readers.read(query)

    def change(self, work: Callable[[Connection], T]) -> Future[T]:
        """One durable transaction on the writer's thread."""

        def done(result: T) -> T:
            self.generation += 1
            return result

        return self._writer.submit(work, after_commit=done)

    def erase_member(self, member_id: str) -> None:
        """Waits until no page of this file holds the member's key. Raises storage troubles."""
        self.change(lambda c: c.execute("DELETE FROM peer_member_key WHERE member_id = ?", (member_id,)))
        self._writer.outside(self._empty_the_log).result()

    def _empty_the_log(self, connection: Connection) -> None:
        if connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]:
            raise Busy(f"{self.path}: a long read holds the log; try again.", path=str(self.path))

    def close(self) -> None:
        """Ends what is queued and closes every connection."""
        self._readers.close()
        self._writer.close()


def open_peers(folder: Path, keys: KeyStore, recovery_public_key: bytes | None) -> PeerStore | None:
    """The file in a workstation's data folder; None, and a line in the log, where there can be none.

    A workstation sells without what others told it.
    """
    try:
        return PeerStore.open(folder / FILE_NAME, keys, recovery_public_key)
    except (StorageTrouble, KeyStoreTrouble, OSError) as error:
        _log.warning("peers_file_not_opened", reason=str(error)[:200])
        return None


class _Unusable(Exception):
    """A file that is to be made anew."""


def forget(path: Path, keys: KeyStore) -> None:
    """Destroys the file and its key; fine to repeat. Raises KeyStoreTrouble."""
    keys.delete(PEERS_KEY)
    sealed_path(path).unlink(missing_ok=True)
    remove_database(path)


def _key(path: Path, keys: KeyStore) -> bytes:
    key = keys.get(PEERS_KEY)
    if key is None or not path.exists():
        raise _Unusable("no file, or no key for it")
    return key
