"""Each setting of a connection is a named function with its reason; each asserts what SQLite answered.

A PRAGMA that is not read back can fail unseen: with an I/O error during `journal_mode=WAL` the file
stays in rollback mode and nothing is raised until the answer is fetched.
"""

from __future__ import annotations

from sqlcipher3 import dbapi2 as sqlcipher

from pos_client.storage.connection import Connection
from pos_client.storage.errors import SQLITE_VERSION_MIN, SqliteTooOld

KEY_BYTES = 32
BUSY_TIMEOUT_MS = 2000


def refuse_old_sqlite() -> None:
    """SQLite 3.7.0 to 3.51.2 can lose committed writes when two connections share a WAL file."""
    if sqlcipher.sqlite_version_info < SQLITE_VERSION_MIN:
        minimum = ".".join(map(str, SQLITE_VERSION_MIN))
        raise SqliteTooOld(
            f"SQLite {sqlcipher.sqlite_version} can lose committed sales; {minimum} or newer is needed."
            " Install the program again: it brings the right library.",
            version=sqlcipher.sqlite_version,
            minimum=minimum,
        )


def silence_cipher_log(connection: Connection) -> None:
    """On damage SQLCipher writes a line per page to standard error, which may be a log or a terminal."""
    connection.execute("PRAGMA cipher_log_level = NONE").fetchall()


def set_raw_key(connection: Connection, key: bytes) -> None:
    """A random 32-byte key as it is: no passphrase, so no 250 ms key derivation at each opening."""
    assert len(key) == KEY_BYTES
    connection.execute(f"PRAGMA key = \"x'{key.hex()}'\"").fetchall()


def wait_for_locks(connection: Connection) -> None:
    """A checkpoint by a reading connection may hold the lock for an instant."""
    connection.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}").fetchall()


def use_wal(connection: Connection) -> None:
    """Readers never wait for the writer, and a commit is one append and one flush."""
    answer = connection.execute("PRAGMA journal_mode = WAL").fetchone()
    assert answer is not None and answer[0] == "wal", f"journal_mode is {answer}"


def flush_every_commit(connection: Connection) -> None:
    """NORMAL loses printed sales on a power cut in WAL mode; FULL flushes before COMMIT returns."""
    connection.execute("PRAGMA synchronous = FULL").fetchall()
    assert connection.execute("PRAGMA synchronous").fetchone()[0] == 2


def overwrite_what_is_deleted(connection: Connection) -> None:
    """An erased member's key must not stay in free space."""
    connection.execute("PRAGMA secure_delete = ON").fetchall()
    assert connection.execute("PRAGMA secure_delete").fetchone()[0] == 1


def enforce_foreign_keys(connection: Connection) -> None:
    """Off by default in SQLite; a line without its document is damage."""
    connection.execute("PRAGMA foreign_keys = ON").fetchall()
    assert connection.execute("PRAGMA foreign_keys").fetchone()[0] == 1


def authenticate_pages(connection: Connection) -> None:
    """Every page carries a MAC, so that a flipped bit is an error and not a wrong price."""
    answer = connection.execute("PRAGMA cipher_use_hmac").fetchone()
    assert answer is not None and str(answer[0]) == "1", f"cipher_use_hmac is {answer}"


def never_map_the_file(connection: Connection) -> None:
    """A mapped page would pass by the cipher's check, and an I/O error would kill the process."""
    connection.execute("PRAGMA mmap_size = 0").fetchall()


def checkpoint_by_hand(connection: Connection) -> None:
    """The writer checkpoints when nobody waits for it, so no sale pays for it and errors are seen."""
    connection.execute("PRAGMA wal_autocheckpoint = 0").fetchall()
    assert connection.execute("PRAGMA wal_autocheckpoint").fetchone()[0] == 0


def only_read(connection: Connection) -> None:
    """A reading connection must not write by mistake: there is one writer."""
    connection.execute("PRAGMA query_only = ON").fetchall()
    assert connection.execute("PRAGMA query_only").fetchone()[0] == 1
