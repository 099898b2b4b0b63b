"""Snapshots: a new workstation starts from a prebuilt replica file instead of a hundred thousand rows.

Built in the background for the chain's scope (a store's own slice comes by its feed, never in a file that
stores share). Every build has a new random key; an offer seals it to the one workstation that asks.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
import secrets
import shutil
import threading
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from pos_core.canonical import canonical_bytes
from pos_core.clock import Clock
from pos_core.sync.protocol import SnapshotOffer
from pos_core.sync.reference import KINDS
from pos_core.sync.sealing import LABEL_FILE_KEY
from pos_core.sync.snapshot_urls import CHUNK_BYTES, BadSnapshotUrls, parse_snapshot_urls
from resources.replica import schema_version
from sync_server.services.blobs import Blobs
from sync_server.services.data_folder import DataFolder
from sync_server.services.errors import NotFound
from sync_server.services.feed import check_scope
from sync_server.services.keys import ChainKeys, seal_to
from sync_server.services.releases import Releases
from sync_server.store import blob, chain_state, feed, feed_age, release, snapshot
from sync_server.store.engine import Store, Txn
from sync_server.store.release import ReleaseRow
from sync_server.store.replica_file import ReplicaFile
from sync_server.store.snapshot import SnapshotRow
from sync_server.store.workstation import WorkstationRow

SCOPE = "chain"
LEFTOVER_AFTER_S = 3600
OLD_COPIES_S = 24 * 3600
_SHA256 = re.compile(r"[0-9a-f]{64}\Z")
REBUILD_AFTER_CHANGES = 5000
"""A workstation follows the feed from the snapshot on, so a snapshot may lag this many changes."""


class Snapshots:
    """Builds and offers them."""

    def __init__(
        self,
        *,
        store: Store,
        blobs: Blobs,
        releases: Releases,
        keys: ChainKeys,
        folder: DataFolder,
        clock: Clock,
    ) -> None:
        self._store = store
        self._blobs = blobs
        self._releases = releases
        self._keys = keys
        self._folder = folder
        self._clock = clock
        self._building = threading.Lock()
        self._chunking = threading.Lock()
        self._chunks: tuple[str, list[str]] | None = None

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
        sealed = seal_to(base64.b64decode(caller.sealing_key), row.file_key, LABEL_FILE_KEY)
        fields: dict[str, Any] = {
            "epoch": row.epoch,
            "scope": row.scope,
            "sequence": row.sequence,
            "schema_version": row.schema_version,
            "sha256": row.sha256,
            "length": row.length,
            "file_key": base64.b64encode(sealed).decode(),
        }
        signer = Ed25519PrivateKey.from_private_bytes(self._keys.server_signing)
        chunks = self._chunks_of(row)
        return SnapshotOffer(
            **fields,
            signature=base64.b64encode(signer.sign(canonical_bytes(fields))).decode(),
            urls=[base + row.sha256 for base in _urls(urls)] if chunks else [],
            chunk_bytes=CHUNK_BYTES if chunks else 0,
            chunks=chunks,
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

    def _chunks_of(self, row: SnapshotRow) -> list[str]:
        """Hashes of the file's pieces, worked out once a file; none when the file here is damaged."""
        with self._chunking:
            if self._chunks is None or self._chunks[0] != row.sha256:
                self._chunks = (row.sha256, _chunk_hashes(self._blobs.path(row.sha256), row.sha256))
            return self._chunks[1]

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
            head = feed.scope_head(txn, SCOPE)
            if row is None:
                return head > 0
            behind = head - row.sequence
            newest = release.newest(txn)
            released = newest is not None and newest.issued_at_ms > row.built_at_ms
            return (
                row.epoch != chain_state.epoch(txn)
                or row.schema_version != schema_version()
                or behind > REBUILD_AFTER_CHANGES
                or row.sequence < feed_age.horizon(txn, SCOPE)
                or released
            )

        return self._store.read(read)

    def build(self) -> SnapshotRow:
        """Builds the chain's snapshot on one consistent view while everything else goes on."""
        with self._building:
            self._folder.work.mkdir(parents=True, exist_ok=True)
            path = self._folder.work / f"snapshot.{os.getpid()}.part"
            self._remove_leftovers(path)
            key = secrets.token_bytes(32)
            now = self._clock.now_ms()
            with ReplicaFile(path, key) as file:
                epoch, sequence = self._store.read(lambda txn: self._fill(txn, file, now))

            ref = self._blobs.adopt(path)

            def register(txn: Txn) -> SnapshotRow:
                before = snapshot.get(txn, SCOPE)
                self._blobs.register(txn, ref, scope=SCOPE, purpose="snapshot")
                row = SnapshotRow(SCOPE, epoch, sequence, schema_version(), ref.sha256, ref.length, key, now)
                snapshot.put(txn, row)
                blob.drop_snapshots(txn, keep={ref.sha256, before.sha256 if before else ref.sha256})
                return row

            row = self._store.write(register)
            self._blobs.sweep(self._store.read(blob.all_sha256))
            return row

    def _remove_leftovers(self, own: Path) -> None:
        """Half-built files of builds that were killed; one that another process writes now is young."""
        own.unlink(missing_ok=True)
        old_s = self._clock.now_ms() / 1000 - LEFTOVER_AFTER_S
        for path in self._folder.work.glob("snapshot.*"):
            if path.stat().st_mtime < old_s:
                path.unlink(missing_ok=True)

    def _fill(self, txn: Txn, file: ReplicaFile, now: int) -> tuple[str, int]:
        epoch, sequence = chain_state.epoch(txn), feed.scope_head(txn, SCOPE)
        for kind in KINDS:
            file.add_rows(kind, feed.hashed_rows_of(txn, kind, SCOPE))
        for row in _releases_to_carry(release.for_all(txn), now):
            self._add_release(file, row, now)
        file.finish(scope=SCOPE, epoch=epoch, sequence=sequence)
        return epoch, sequence

    def _add_release(self, file: ReplicaFile, row: ReleaseRow, now: int) -> None:
        entries = json.loads(row.manifest)["files"]
        data = [self._blobs.path(entry["sha256"]).read_bytes() for entry in entries]
        file.add_release(
            version=row.version,
            manifest_sha256=row.manifest_sha256,
            manifest=row.manifest,
            now_ms=now,
            files=data,
        )
        for entry in entries:
            if entry["name"] == "prices":
                file.add_prices(row.version, json.loads(self._releases.content_of(entry["sha256"]))["rows"])


def _releases_to_carry(rows: list[ReleaseRow], now: int) -> list[ReleaseRow]:
    """From the newest full price file that is in force on: it and every release on top of it."""
    start = 0
    for place, row in enumerate(rows):
        files = json.loads(row.manifest)["files"]
        whole = any(entry["name"] == "prices" and entry["kind"] == "base" for entry in files)
        if whole and row.effective_from_ms <= now:
            start = place
    return rows[start:]


def _urls(policy: Any) -> tuple[str, ...]:
    try:
        return parse_snapshot_urls(policy)
    except BadSnapshotUrls:
        return ()


def _chunk_hashes(path: Path, sha256: str) -> list[str]:
    whole, found = hashlib.sha256(), []
    try:
        with path.open("rb") as file:
            while chunk := file.read(CHUNK_BYTES):
                whole.update(chunk)
                found.append(hashlib.sha256(chunk).hexdigest())
    except FileNotFoundError:
        return []
    return found if whole.hexdigest() == sha256 else []
