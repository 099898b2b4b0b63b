"""Snapshots: a new workstation starts from a prebuilt replica file instead of a hundred thousand rows.

Built in the background for the chain's scope; a store's own slice is in no file that stores share (its own
file: services/store_files.py). Every build has a new random key; an offer seals it to the one workstation
that asks.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pos_core.sync.protocol import SnapshotOffer
from pos_core.sync.snapshot_urls import BadSnapshotUrls, parse_snapshot_urls
from resources.replica import schema_version
from sync_server.services.blobs import BlobRef, Blobs
from sync_server.services.errors import NotFound
from sync_server.services.feed import check_scope
from sync_server.services.snapshot_files import SnapshotFiles
from sync_server.store import blob, chain_state, feed, feed_age, release, snapshot
from sync_server.store.engine import Store, Txn
from sync_server.store.snapshot import SnapshotRow
from sync_server.store.workstation import WorkstationRow

SCOPE = "chain"
OLD_COPIES_S = 24 * 3600
_SHA256 = re.compile(r"[0-9a-f]{64}\Z")
REBUILD_AFTER_CHANGES = 5000
"""A workstation follows the feed from the snapshot on, so a snapshot may lag this many changes."""


class Snapshots:
    """Builds and offers the chain's."""

    def __init__(self, *, store: Store, blobs: Blobs, files: SnapshotFiles) -> None:
        self._store = store
        self._blobs = blobs
        self._files = files

    def offer(self, caller: WorkstationRow, scope: str) -> SnapshotOffer:
        """The newest snapshot of a scope, its key sealed to the caller. Raises NotYours, NotFound."""

        def read(txn: Txn) -> tuple[SnapshotRow | None, Any]:
            check_scope(txn, caller, scope)
            row = snapshot.get(txn, scope)
            right = row is not None and row.epoch == chain_state.epoch(txn)
            return row if right else None, feed.policy(txn, "snapshot_urls")

        row, urls = self._store.read(read)
        if row is None:
            raise NotFound("no snapshot of this scope yet; pull its feed from 0")
        return self._files.offer(
            caller,
            scope=row.scope,
            sequence=row.sequence,
            epoch=row.epoch,
            schema_version=row.schema_version,
            ref=BlobRef(row.sha256, row.length),
            file_key=row.file_key,
            urls=_urls(urls),
        )

    def copy_to(self, folder: Path, row: SnapshotRow) -> Path:
        """The file under its SHA-256 in a folder that a file server serves; other snapshots there go after

        a day, so that downloads under way end. Raises OSError.
        """
        folder.mkdir(parents=True, exist_ok=True)
        target, part = folder / row.sha256, folder / f".{row.sha256}.part"
        if not target.exists():
            shutil.copyfile(self._blobs.path(row.sha256), part)
            with part.open("rb+") as file:
                os.fsync(file.fileno())
            os.replace(part, target)
        os.utime(target)
        old_s = target.stat().st_mtime - OLD_COPIES_S
        for other in folder.iterdir():
            if _SHA256.match(other.name) and other != target and other.stat().st_mtime < old_s:
                other.unlink()
        return target

    def newest(self) -> SnapshotRow | None:
        """The chain's newest of this epoch; None when one has to be built first."""

        def read(txn: Txn) -> SnapshotRow | None:
            row = snapshot.get(txn, SCOPE)
            return row if row is not None and row.epoch == chain_state.epoch(txn) else None

        return self._store.read(read)

    def is_stale(self) -> bool:
        """True when a build is worth while: none yet, another epoch or schema, or many changes since."""

        def read(txn: Txn) -> bool:
            row = snapshot.get(txn, SCOPE)
            if row is None:
                return feed.scope_head(txn, SCOPE) > 0
            return row.epoch != chain_state.epoch(txn) or is_behind(
                txn, {SCOPE: row.sequence}, schema=row.schema_version, built_at_ms=row.built_at_ms
            )

        return self._store.read(read)

    def build(self) -> SnapshotRow:
        """Builds the chain's snapshot on one consistent view while everything else goes on."""
        built = self._files.build(lambda _: [SCOPE])
        row = SnapshotRow(
            SCOPE,
            built.epoch,
            built.cursors[SCOPE],
            built.schema_version,
            built.ref.sha256,
            built.ref.length,
            built.key,
            built.built_at_ms,
        )

        def register(txn: Txn) -> None:
            before = snapshot.get(txn, SCOPE)
            self._blobs.register(txn, built.ref, scope=SCOPE, purpose="snapshot")
            snapshot.put(txn, row)
            blob.drop_snapshots(txn, keep={row.sha256, before.sha256 if before else row.sha256})

        self._store.write(register)
        self._blobs.sweep(self._store.read(blob.all_sha256))
        return row


def is_behind(txn: Txn, cursors: Mapping[str, int], *, schema: int, built_at_ms: int) -> bool:
    """True for a file that a newer one would spare much: old tables, many changes, a release since, or

    deletions forgotten that it has not heard of.
    """
    newest = release.newest(txn)
    return (
        schema != schema_version()
        or any(
            feed.changed_since(txn, scope, at, REBUILD_AFTER_CHANGES + 1) > REBUILD_AFTER_CHANGES
            for scope, at in cursors.items()
        )
        or any(at < feed_age.horizon(txn, scope) for scope, at in cursors.items())
        or (newest is not None and newest.issued_at_ms > built_at_ms)
    )


def _urls(policy: Any) -> tuple[str, ...]:
    try:
        return parse_snapshot_urls(policy)
    except BadSnapshotUrls:
        return ()
