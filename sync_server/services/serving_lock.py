"""Who serves a data folder: one process, or several on PostgreSQL; restore and move only when none does."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from pos_core.errors import Trouble


class AlreadyServing(Trouble):
    """Another process serves this data folder."""

    code = "already_serving"


@contextlib.contextmanager
def serving_lock(root: Path, *, shared: bool = False) -> Iterator[None]:
    """Holds the folder's lock for a block. Raises AlreadyServing. The system frees it when we die.

    `shared` lets others who say so in too (on Windows it is exclusive all the same).
    """
    with (root / "serving.lock").open("a+b") as file:
        try:
            _lock(file.fileno(), shared)
        except OSError:
            raise AlreadyServing(f"another process serves {root}; stop it first") from None
        yield


if os.name == "nt":  # pragma: no cover - Windows

    def _lock(descriptor: int, shared: bool) -> None:
        import msvcrt

        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]
else:

    def _lock(descriptor: int, shared: bool) -> None:
        import fcntl

        fcntl.flock(descriptor, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
