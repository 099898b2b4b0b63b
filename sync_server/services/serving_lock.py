"""One server per data folder; restore only when none runs."""

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
def serving_lock(root: Path) -> Iterator[None]:
    """Holds the folder's lock for a block. Raises AlreadyServing. The system frees it when we die."""
    with (root / "serving.lock").open("a+b") as file:
        try:
            _lock(file.fileno())
        except OSError:
            raise AlreadyServing(f"another process serves {root}; stop it first") from None
        yield


if os.name == "nt":  # pragma: no cover - Windows

    def _lock(descriptor: int) -> None:
        import msvcrt

        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]
else:

    def _lock(descriptor: int) -> None:
        import fcntl

        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
