"""The keys' file of a backup: the members' seals, in a file of their own that expires.

A backup's database may be kept for years; what it holds of members opens with their seals alone
(services/parting.py). The seals lie beside it in `member_keys.db`, an SQLCipher file under the database's
key, made whole under another name and put in place at once. It says itself until when it counts: policy
`personal_data`, `backup_keys_days`. An erased member's seal is in no file that is made after his erasure,
and the orders of all erasures are in each. Any later keys' file of the same epoch opens an older backup; one
of a chain that was restored without its seals has others, so no file is written over that opens more.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import sqlcipher3.dbapi2 as dbapi

from pos_core.errors import Trouble
from sync_server.services.console.personal_watch import limits_of
from sync_server.store import chain_state, erasure, member_seal
from sync_server.store.engine import Store, Txn
from sync_server.store.erasure import ErasureRow

KEYS_NAME = "member_keys.db"
PART_SUFFIX = ".part"
"""Of what has not its name yet: half a backup is none."""
DAY_MS = 24 * 3_600_000
_ALL = 2**53 - 1
_TABLES = (
    "CREATE TABLE about (name TEXT PRIMARY KEY, value NOT NULL)",
    "CREATE TABLE seal (member_id TEXT PRIMARY KEY, key BLOB NOT NULL) WITHOUT ROWID",
    "CREATE TABLE erasure (number INTEGER PRIMARY KEY, member_id TEXT, erased_at_ms INTEGER, signature TEXT)",
)


class BadKeysFile(Trouble):
    """The file is no keys' file of this chain, or it is damaged."""

    code = "bad_keys_file"


@dataclass(frozen=True, slots=True)
class KeysFile:
    """A keys' file that opens and is whole. Times are epoch milliseconds; `epoch` "": it does not say."""

    path: Path
    made_at_ms: int
    expires_at_ms: int
    members: int
    epoch: str

    def is_expired(self, now_ms: int) -> bool:
        """Nobody may read it any more."""
        return self.expires_at_ms <= now_ms


def write_keys(store: Store, key: bytes, target: Path, now_ms: int) -> KeysFile:
    """Makes the file, or puts a new one in its place: at any moment the old one or the new one is there.

    One that counts yet, and opens members whom a new one would not, stays and is told: only an erasure takes
    a seal away. Raises OSError and sqlcipher3's errors; what was there stays then.
    """
    part = target.with_name(target.name + PART_SUFFIX)
    part.unlink(missing_ok=True)
    try:
        with closing(dbapi.connect(str(part), isolation_level=None)) as connection:
            _keyed(connection, key)
            connection.execute("PRAGMA journal_mode = OFF").fetchall()
            connection.execute("PRAGMA synchronous = OFF")
            connection.execute("BEGIN")
            store.read(lambda txn: _fill(connection, txn, now_ms))
            connection.execute("COMMIT")
        made = read_keys(part, key)
        old = newest_keys([target], key, now_ms)
        if old is not None and _opens_more(old, part, key):
            part.unlink()
            return old
        _flush(part)
        os.replace(part, target)
    except BaseException:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
        raise
    flush_folder(target.parent)
    return replace(made, path=target)


def read_keys(path: Path, key: bytes, *, whole: bool = True) -> KeysFile:
    """What the file says of itself; `whole`: every page of it checked. Raises BadKeysFile."""
    with _opened(path, key) as connection:
        if whole and connection.execute("PRAGMA cipher_integrity_check").fetchall():
            raise dbapi.DatabaseError("a page is damaged")
        about = dict(connection.execute("SELECT name, value FROM about").fetchall())
        members = connection.execute("SELECT count(*) FROM seal").fetchone()[0]
        times = int(about["made_at_ms"]), int(about["expires_at_ms"])
        return KeysFile(path, *times, int(members), str(about.get("epoch", "")))


def erasures_in(path: Path, key: bytes) -> list[ErasureRow]:
    """The signed orders in a keys' file; oldest first. Raises BadKeysFile."""
    with _opened(path, key) as connection:
        rows = connection.execute(
            "SELECT number, member_id, erased_at_ms, signature FROM erasure ORDER BY number"
        )
        return [ErasureRow(*row) for row in rows.fetchall()]


def newest_keys(places: list[Path], key: bytes, now_ms: int, epoch: str = "") -> KeysFile | None:
    """The newest file among `places` that has not expired, of this epoch rather than of another.

    Damaged ones and other chains' are passed by.
    """
    found = []
    for path in places:
        with contextlib.suppress(BadKeysFile):
            found.append(read_keys(path, key))
    living = [each for each in found if not each.is_expired(now_ms)]
    return max(living, key=lambda each: (each.epoch == epoch, each.made_at_ms), default=None)


def opens(database: Path, key: bytes) -> bool:
    """Whether a database that lies still, a backup's, is under this key; its first pages are read."""
    try:
        with closing(dbapi.connect(f"{database.resolve().as_uri()}?immutable=1", uri=True)) as connection:
            _keyed(connection, key)
            return bool(connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0])
    except (dbapi.Error, OSError):
        return False


def keys_beside(backup: Path) -> list[Path]:
    """Where the keys' files of a backup may lie: in it, and in the other backups of its folder."""
    others = backup.resolve().parent.glob(f"*/{KEYS_NAME}")
    return [backup / KEYS_NAME, *sorted(path for path in others if path.parent.suffix != PART_SUFFIX)]


def flush_folder(folder: Path) -> None:
    """What was named or unnamed in it survives a power cut, where the system can say so."""
    if os.name == "posix":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _fill(connection: Any, txn: Txn, now_ms: int) -> None:
    for table in ("about", "seal", "erasure"):
        connection.execute(f"DROP TABLE IF EXISTS {table}")  # a read may run more than once
    for text in _TABLES:
        connection.execute(text)
    expires = now_ms + limits_of(txn).backup_keys_days * DAY_MS
    about = {"v": 1, "made_at_ms": now_ms, "expires_at_ms": expires, "epoch": chain_state.epoch(txn)}
    connection.executemany("INSERT INTO about VALUES (?, ?)", list(about.items()))
    for seals in member_seal.every(txn):
        connection.executemany("INSERT INTO seal VALUES (?, ?)", seals)
    orders = [
        (row.number, row.member_id, row.erased_at_ms, row.signature) for row in erasure.after(txn, 0, _ALL)
    ]
    connection.executemany("INSERT INTO erasure VALUES (?, ?, ?, ?)", orders)


def _opens_more(old: KeysFile, fresh: Path, key: bytes) -> bool:
    """Whether a seal of `old` is another one in `fresh`, or none, though its member was not erased."""
    with _opened(old.path, key) as connection:
        connection.execute(f"ATTACH DATABASE ? AS fresh KEY \"x'{key.hex()}'\"", (str(fresh),))
        lost = connection.execute(
            "SELECT 1 FROM seal o LEFT JOIN fresh.seal f ON f.member_id = o.member_id "
            "WHERE f.key IS NOT o.key AND o.member_id NOT IN (SELECT member_id FROM fresh.erasure) LIMIT 1"
        )
        return lost.fetchone() is not None


@contextlib.contextmanager
def _opened(path: Path, key: bytes) -> Iterator[Any]:
    try:
        if not path.is_file():
            raise dbapi.DatabaseError("no such file")
        with closing(dbapi.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as connection:
            _keyed(connection, key)
            yield connection
    except (dbapi.Error, OSError, KeyError, TypeError, ValueError) as error:
        raise BadKeysFile(f"{path} is no keys' file of this chain: {error}", file=path.name) from None


def _keyed(connection: Any, key: bytes) -> None:
    connection.execute("PRAGMA cipher_log_level = NONE")
    connection.execute(f"PRAGMA key = \"x'{key.hex()}'\"")
    connection.execute("PRAGMA temp_store = MEMORY")


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
