"""Making bytes and names survive a power cut. Never for a live database file: SQLite does its own."""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path

if sys.platform == "darwin":
    import fcntl

    def flush(descriptor: int) -> None:
        """fsync on macOS stops at the drive's cache; F_FULLFSYNC goes through it."""
        fcntl.fcntl(descriptor, fcntl.F_FULLFSYNC)

elif sys.platform == "win32":

    def flush(descriptor: int) -> None:
        """FlushFileBuffers, by the C library's `_commit`."""
        os.fsync(descriptor)

else:

    def flush(descriptor: int) -> None:
        """Data, and what of the metadata is needed to read it back."""
        os.fdatasync(descriptor)


def flush_folder(folder: Path) -> None:
    """A created, renamed or deleted name is durable only after its folder was flushed (not on Windows)."""
    if sys.platform == "win32":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def replace_durably(path: Path, data: bytes, *, mode: int = 0o600) -> None:
    """Old content or new content, never a mix, whatever is cut: write aside, flush, rename, flush."""
    aside = path.with_name(path.name + ".new")
    descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_BINARY", 0), mode)
    try:
        write_all(descriptor, data)
        os.fsync(descriptor)
    except BaseException:
        os.close(descriptor)
        with contextlib.suppress(OSError):
            aside.unlink()
        raise
    os.close(descriptor)
    os.replace(aside, path)
    flush_folder(path.parent)


def write_all(descriptor: int, data: bytes) -> None:
    """A write may be short; this goes on until all of it is handed over."""
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]
