"""Content-addressed files on disk, beside the database: release files and snapshots.

A file is written under another name, flushed, renamed, its folder flushed; only then does a row name it.
So a row always has its file, and a file without a row is rubbish that `sweep` removes.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from pos_core.clock import Clock
from sync_server.store import blob
from sync_server.store.engine import Txn

_CHUNK = 1024 * 1024
SWEEP_AFTER_S = 3600


@dataclass(frozen=True, slots=True)
class BlobRef:
    """A file by its content: hex SHA-256 and length in bytes."""

    sha256: str
    length: int


class Blobs:
    """The files under `<data>/blobs/`."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        self._folder = folder
        self._clock = clock

    def put(self, txn: Txn, data: bytes, *, scope: str = "chain", purpose: str = "release") -> BlobRef:
        """Keeps `data` and lets `scope` fetch it. Same bytes twice are one file."""
        ref = BlobRef(hashlib.sha256(data).hexdigest(), len(data))
        if not self.path(ref.sha256).exists():
            part = self._part_path(ref.sha256)
            with part.open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            self._place(part, ref.sha256)
        self.register(txn, ref, scope=scope, purpose=purpose)
        return ref

    def adopt(self, path: Path) -> BlobRef:
        """Moves a finished file of the same disk in; `path` is gone afterwards. `register` comes next."""
        digest = hashlib.sha256()
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                digest.update(chunk)
            os.fsync(file.fileno())
        ref = BlobRef(digest.hexdigest(), path.stat().st_size)
        self._place(path, ref.sha256)
        return ref

    def path(self, sha256: str) -> Path:
        """Where a file is, there or not."""
        assert len(sha256) == 64 and sha256.isalnum()
        return self._folder / sha256[:2] / sha256

    def sweep(self, living: Collection[str]) -> int:
        """Removes files that no row names and that have been so for an hour; returns how many.

        The hour is for a file whose row is being written right now.
        """
        removed = 0
        old_s = self._clock.now_ms() / 1000 - SWEEP_AFTER_S
        for path in self._folder.glob("??/*"):
            with suppress(FileNotFoundError):  # `remove` by somebody else was quicker
                if path.name not in living and path.stat().st_mtime < old_s:
                    path.unlink()
                    removed += 1
        return removed

    def remove(self, sha256: str) -> bool:
        """Removes a file now, whoever reads it; False where the system does not let go of it yet."""
        try:
            self.path(sha256).unlink(missing_ok=True)
        except OSError:  # Windows: somebody has it open
            return False
        return True

    def register(self, txn: Txn, ref: BlobRef, *, scope: str, purpose: str) -> None:
        """Lets `scope` fetch a file that is in place."""
        blob.put(
            txn,
            sha256=ref.sha256,
            scope=scope,
            length=ref.length,
            purpose=purpose,
            now_ms=self._clock.now_ms(),
        )

    def _part_path(self, sha256: str) -> Path:
        self._folder.mkdir(parents=True, exist_ok=True)
        return self._folder / f"{sha256}.{os.getpid()}.part"

    def _place(self, part: Path, sha256: str) -> None:
        target = self.path(sha256)
        target.parent.mkdir(parents=True, exist_ok=True)
        os.replace(part, target)
        if os.name == "posix":
            folder = os.open(target.parent, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)
