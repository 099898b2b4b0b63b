"""One process on one data folder: a lock file of its own, never a lock on a database file."""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path

from pos_client.storage.errors import SecondInstance, sort_os_error

if sys.platform == "win32":
    import msvcrt

    def _lock(descriptor: int) -> None:
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _lock(descriptor: int) -> None:
        # flock, not a POSIX record lock: those vanish when any descriptor of the file is closed.
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


class InstanceLock:
    """Held from construction to `close`; the system lets go of it when the process ends in any way."""

    def __init__(self, path: Path) -> None:
        """Raises SecondInstance, ReadOnlyFolder, FileMissing (no folder) or DiskTrouble."""
        try:
            self._descriptor: int | None = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise sort_os_error(error, path) from error
        try:
            _lock(self._descriptor)
        except OSError:
            os.close(self._descriptor)
            self._descriptor = None
            raise SecondInstance(
                f"{path.parent}: another window or program already works on this folder. Close it, or use"
                " another folder with --data.",
                path=str(path.parent),
            ) from None

    def close(self) -> None:
        """Lets the next instance in. The file stays: deleting it would let two in at once."""
        if self._descriptor is not None:
            with contextlib.suppress(OSError):
                os.close(self._descriptor)
            self._descriptor = None
