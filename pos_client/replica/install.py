"""Putting a snapshot in the place of the replica: checked and completed aside, swapped in one step.

Kill this anywhere: the next start finds the old replica or the new one, with a key that opens it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pos_client.keys.key_store import KeyStore
from pos_client.replica import file_key, releases
from pos_client.replica.part_file import WrongSnapshot
from pos_client.replica.release_files import check_file
from pos_client.replica.release_refusals import ReleaseRefused
from pos_client.replica.release_rules import Manifest, OfferedRelease, Trust, check_manifest
from pos_client.replica.replica import Replica
from pos_client.replica.schema import missing_columns
from pos_client.storage.connection import Connection
from pos_client.storage.database import open_database, put_in_place
from pos_client.storage.errors import StorageTrouble
from pos_client.storage.migrations import migrate
from pos_client.storage.utils_database import utils_database
from pos_core.sync.reference import KINDS
from pos_core.sync.trust_root import SignedRoot
from resources.replica import APPLICATION_ID, step_files

_SETTINGS_OF_THE_FILE = frozenset({"search_counter"})
_BATCH = 1000
Believes = Callable[[list[SignedRoot]], Trust]
INSTALLING_SUFFIX = ".installing"


@dataclass(frozen=True, slots=True)
class SnapshotPoint:
    """Where the feed goes on after a snapshot: `cursors` are scope → sequence, the chain's among them."""

    epoch: str
    cursors: Mapping[str, int]

    @property
    def sorts(self) -> frozenset[str]:
        """Of scopes that the file holds whole: chain, region, store."""
        return frozenset(scope.partition(":")[0] for scope in self.cursors)


def install_snapshot(
    replica: Replica,
    part: Path,
    key: bytes,
    *,
    point: SnapshotPoint,
    trust: Believes,
    keys: KeyStore,
    recovery_public_key: bytes | None,
) -> None:
    """Check the file at `part` (hash already verified), complete it with our own rows, put it in place.

    `trust` says whom to believe, given the roots that the file itself offers.
    Raises WrongSnapshot (the file is deleted, the old replica stays) and storage troubles.
    """
    # From here on the file is changed: under another name, or the next start would take it for a download.
    aside = replica.path.with_name(replica.path.name + INSTALLING_SUFFIX)
    _remove(aside)
    os.replace(part, aside)
    try:
        _complete(replica, aside, key, point, trust)
    except (StorageTrouble, ReleaseRefused, WrongSnapshot) as error:
        _remove(aside)
        raise WrongSnapshot(f"the snapshot cannot be used: {error.message}", reason=error.code) from error

    def swap() -> bytes:
        keys.put(file_key.NEXT_KEY, key)
        put_in_place(aside, replica.path)
        file_key.promote(replica.path, keys, key, recovery_public_key)
        return key

    replica.replace_file(swap)


def _remove(database: Path) -> None:
    """With what SQLite keeps beside it: a log of an earlier try must not be paired with the next file."""
    for suffix in ("", "-wal", "-shm", "-journal"):
        database.with_name(database.name + suffix).unlink(missing_ok=True)


def _complete(replica: Replica, part: Path, key: bytes, point: SnapshotPoint, trust: Believes) -> None:
    connection = open_database(part, key, application_id=APPLICATION_ID)
    try:
        migrate(connection, step_files(), part)
        connection.execute("BEGIN IMMEDIATE")
        _check(connection, replica, point, trust)
        _carry_over(connection, replica, point.sorts)
        connection.execute("COMMIT")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    finally:
        connection.close()


def _check(connection: Connection, replica: Replica, point: SnapshotPoint, trust: Believes) -> None:
    if missing := missing_columns(connection):
        raise WrongSnapshot("its tables are not ours", column=missing[0])
    cursors = connection.execute("SELECT scope, epoch, sequence, complete FROM feed_cursor").fetchall()
    if sorted(cursors) != sorted((scope, point.epoch, at, 1) for scope, at in point.cursors.items()):
        raise WrongSnapshot("it stands at another point of the feed than was offered")
    if set(point.cursors) != _scopes_wanted(connection, replica.store_id, point):
        raise WrongSnapshot("it does not hold the scopes of our store", scopes=" ".join(point.cursors))
    for kind in KINDS.values():
        if (
            kind.scope not in point.sorts
            and connection.execute(
                f"SELECT 1 FROM {kind.name} LIMIT 1"  # noqa: S608 - a name of KINDS
            ).fetchone()
        ):
            raise WrongSnapshot("it holds rows of another scope", kind=kind.name)
    ours, theirs = replica.newest_release(), releases.newest_release(connection)
    if ours is not None and (theirs is None or theirs.version < ours.version):
        raise WrongSnapshot("it is older than the releases here", here=ours.version)
    believed = trust(releases.offered_roots(connection))
    for version, manifest in connection.execute("SELECT version, manifest FROM release_state").fetchall():
        _check_release(connection, version, manifest, believed)


def _scopes_wanted(connection: Connection, store_id: str, point: SnapshotPoint) -> set[str]:
    """The chain alone, or all scopes of our store; the file itself says in which region it lies."""
    if point.sorts == {"chain"}:
        return {"chain"}
    row = connection.execute("SELECT region FROM store WHERE store_id = ?", (store_id,)).fetchone()
    region = {f"region:{row[0]}"} if row is not None and row[0] else set()
    return {"chain", *region, f"store:{store_id}"}


def _check_release(connection: Connection, version: int, text: str, trust: Trust) -> None:
    """The pricing key's signature and every file's hash: the server alone cannot make up a release."""
    row = connection.execute("SELECT signatures FROM release WHERE version = ?", (version,)).fetchone()
    manifest: Manifest = check_manifest(OfferedRelease(version, text, row[0] if row else "[]"), trust)
    for entry in manifest.files:
        data = connection.execute(
            "SELECT data FROM release_file WHERE sha256 = ?", (entry.sha256,)
        ).fetchone()
        if data is None:
            raise WrongSnapshot("a release's file is missing", version=version, file=entry.name)
        check_file(entry, data[0])


def _carry_over(connection: Connection, replica: Replica, held: Collection[str]) -> None:
    """What the file does not hold: rows of other scopes than `held`, settings, what we switched on."""
    database = utils_database(connection)
    for kind in KINDS.values():
        if kind.scope not in held:
            database.table(kind.name).insert_all(_rows(replica, kind.name), batch_size=_BATCH, replace=True)
    for table in ("feed_cursor", "unknown_row"):
        rows = [row for row in _rows(replica, table) if row["scope"].partition(":")[0] not in held]
        database.table(table).insert_all(rows, replace=True)
    settings = [row for row in _rows(replica, "replica_setting") if row["name"] not in _SETTINGS_OF_THE_FILE]
    database.table("replica_setting").insert_all(settings, replace=True)
    applied = replica.read(
        lambda c: c.execute(
            "SELECT applied_at_ms, version, manifest_sha256 FROM release_state"
            " WHERE applied_at_ms IS NOT NULL"
        ).fetchall()
    )
    connection.executemany(
        "UPDATE release_state SET applied_at_ms = ? WHERE version = ? AND manifest_sha256 = ?", applied
    )


def _rows(replica: Replica, table: str) -> Iterator[dict[str, Any]]:
    """Rows of the present replica as dictionaries, read whole in one go."""

    def read(connection: Connection) -> tuple[list[str], list[tuple[Any, ...]]]:
        names = [row[1] for row in connection.execute(f"PRAGMA table_info({table})").fetchall()]
        rows = connection.execute(f"SELECT {', '.join(names)} FROM {table}").fetchall()  # noqa: S608
        return names, rows

    names, rows = replica.read(read)
    return (dict(zip(names, row, strict=True)) for row in rows)
