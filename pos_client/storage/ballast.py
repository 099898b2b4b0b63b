"""A reserve on the disk: given up when the disk is full, so that a shift can still be closed."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

BALLAST_BYTES = 32 * 1024 * 1024
_CHUNK = b"\xa5" * (1024 * 1024)


def keep_ballast(path: Path, *, size: int = BALLAST_BYTES) -> bool:
    """Makes sure the reserve is there. False when there is no room for it now (selling goes on).

    Real bytes are written: a sparse file, or one that the file system compresses away, reserves nothing.
    """
    with contextlib.suppress(OSError):
        if path.stat().st_size == size:
            return True
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    except OSError:
        return False
    try:
        if hasattr(os, "posix_fallocate"):
            os.posix_fallocate(descriptor, 0, size)  # takes the blocks at once where the system can
        else:
            for _ in range(size // len(_CHUNK)):
                os.write(descriptor, _CHUNK)
    except OSError:
        os.close(descriptor)
        give_up_ballast(path)
        return False
    os.close(descriptor)
    return True


def give_up_ballast(path: Path) -> bool:
    """Deletes the reserve. True when that gave room."""
    try:
        path.unlink()
    except OSError:
        return False
    return True
