"""What every prebuilt replica file has in common: filled on one view, offered under a sealed key."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import secrets
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from pos_core.canonical import canonical_bytes
from pos_core.clock import Clock
from pos_core.sync.protocol import SnapshotOffer
from pos_core.sync.reference import KINDS
from pos_core.sync.sealing import LABEL_FILE_KEY
from pos_core.sync.snapshot_urls import CHUNK_BYTES
from resources.replica import schema_version
from sync_server.services.blobs import BlobRef, Blobs
from sync_server.services.data_folder import DataFolder
from sync_server.services.keys import ChainKeys, seal_to
from sync_server.services.releases import Releases
from sync_server.store import chain_state, feed, release
from sync_server.store.engine import Store, Txn
from sync_server.store.release import ReleaseRow
from sync_server.store.replica_file import ReplicaFile
from sync_server.store.workstation import WorkstationRow

LEFTOVER_AFTER_S = 3600
_PREFIX = "snapshot."
_CHUNK_LISTS_KEPT = 32


@dataclass(frozen=True, slots=True)
class BuiltFile:
    """A finished file among the blobs that no row names yet. `key` is its raw SQLCipher key."""

    ref: BlobRef
    key: bytes
    epoch: str
    cursors: dict[str, int]
    schema_version: int
    built_at_ms: int


class SnapshotFiles:
    """Builds files and words offers of them."""

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
        self._chunks: OrderedDict[str, list[str]] = OrderedDict()

    def build(self, scopes_of: Callable[[Txn], Sequence[str]]) -> BuiltFile:
        """The rows of some scopes and the releases, on one consistent view while everything else goes on.

        One scope of each sort at most: a table of a replica does not say whose its rows are.
        """
        with self._building:
            self._folder.work.mkdir(parents=True, exist_ok=True)
            path = self._folder.work / f"{_PREFIX}{os.getpid()}.part"
            self._remove_leftovers(path)
            key = secrets.token_bytes(32)
            now = self._clock.now_ms()
            try:
                with ReplicaFile(path, key) as file:
                    epoch, cursors = self._store.read(lambda txn: self._fill(txn, file, scopes_of(txn), now))
                ref = self._blobs.adopt(path)
            except BaseException:
                path.unlink(missing_ok=True)  # on a full disk documents need the room at once
                raise
            return BuiltFile(ref, key, epoch, cursors, schema_version(), now)

    def offer(
        self,
        caller: WorkstationRow,
        *,
        scope: str,
        sequence: int,
        epoch: str,
        schema_version: int,
        ref: BlobRef,
        file_key: bytes,
        cursors: Mapping[str, int] | None = None,
        urls: Sequence[str] = (),
    ) -> SnapshotOffer:
        """The offer of a file to one workstation: the file's key sealed to it, the rest signed.

        `urls` are folders where the same bytes lie; none are told where the file here is damaged.
        """
        sealed = seal_to(base64.b64decode(caller.sealing_key), file_key, LABEL_FILE_KEY)
        fields: dict[str, Any] = {
            "epoch": epoch,
            "scope": scope,
            "sequence": sequence,
            "schema_version": schema_version,
            "sha256": ref.sha256,
            "length": ref.length,
            "file_key": base64.b64encode(sealed).decode(),
        }
        if cursors:
            fields["cursors"] = dict(cursors)
        signer = Ed25519PrivateKey.from_private_bytes(self._keys.server_signing)
        chunks = self._chunks_of(ref.sha256)
        return SnapshotOffer(
            **fields,
            signature=base64.b64encode(signer.sign(canonical_bytes(fields))).decode(),
            urls=[base + ref.sha256 for base in urls] if chunks else [],
            chunk_bytes=CHUNK_BYTES if chunks else 0,
            chunks=chunks,
        )

    def _chunks_of(self, sha256: str) -> list[str]:
        """Hashes of a file's pieces, worked out once a file; none when the file here is damaged."""
        with self._chunking:
            found = self._chunks.get(sha256)
            if found is None:
                found = self._chunks[sha256] = _chunk_hashes(self._blobs.path(sha256), sha256)
                while len(self._chunks) > _CHUNK_LISTS_KEPT:
                    self._chunks.popitem(last=False)
            return found

    def _remove_leftovers(self, own: Path) -> None:
        """Half-built files of builds that were killed; one that another process writes now is young."""
        own.unlink(missing_ok=True)
        old_s = self._clock.now_ms() / 1000 - LEFTOVER_AFTER_S
        for path in self._folder.work.glob(f"{_PREFIX}*"):
            with suppress(FileNotFoundError):  # its build has ended meanwhile
                if path.stat().st_mtime < old_s:
                    path.unlink()

    def _fill(
        self, txn: Txn, file: ReplicaFile, scopes: Sequence[str], now: int
    ) -> tuple[str, dict[str, int]]:
        epoch = chain_state.epoch(txn)
        cursors = {scope: feed.scope_head(txn, scope) for scope in scopes}
        of_sort = {scope.partition(":")[0]: scope for scope in scopes}
        assert len(of_sort) == len(scopes)
        for name, kind in KINDS.items():
            if kind.scope in of_sort:
                file.add_rows(name, feed.hashed_rows_of(txn, name, of_sort[kind.scope]))
        for row in _releases_to_carry(release.for_all(txn), now):
            self._add_release(file, row, now)
        file.finish(epoch=epoch, cursors=cursors)
        return epoch, cursors

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
