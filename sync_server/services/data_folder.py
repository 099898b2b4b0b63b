"""Where head office keeps what: one data folder, named in one place."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class DataFolder:
    """Paths under `--data DIR`."""

    root: Path

    @property
    def database(self) -> Path:
        """The embedded database (SQLCipher)."""
        return self.root / "head_office.db"

    @property
    def keys(self) -> Path:
        """Secrets, one 0600 file each, the folder 0700."""
        return self.root / "keys"

    @property
    def certificates(self) -> Path:
        """ca.pem, server.pem (public) ; their private keys are in `keys`."""
        return self.root / "certificates"

    @property
    def blobs(self) -> Path:
        """Content-addressed files."""
        return self.root / "blobs"

    @property
    def moving(self) -> Path:
        """Stands here while `move` is under way (services/move.py)."""
        return self.root / "moving"

    @property
    def work(self) -> Path:
        """Half-built files; emptied at start."""
        return self.root / "work"


def write_secret(path: Path, data: bytes) -> None:
    """A new file that only its owner may read, on disk before this returns. Never overwrites."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def flush(path: Path) -> None:
    """The file's bytes survive a power cut."""
    descriptor = os.open(path, os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
