"""Databases that another one took the place of: kept for a while, under names that say why and since when.

`backup_expiry` deletes them, for they hold members.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from sync_server.services.data_folder import DataFolder

Why = Literal["before-restore", "moved"]
_NAME = re.compile(r"head_office\.db\.(before-restore|moved)-(\d{1,15})(-wal|-shm)?\Z")


def put_aside(folder: DataFolder, why: Why, now_ms: int) -> Path:
    """The database, which nobody has open, with its write-ahead log. Raises OSError."""
    aside = folder.database.with_name(f"{folder.database.name}.{why}-{now_ms}")
    for suffix in ("-wal", "-shm"):
        path = folder.database.with_name(folder.database.name + suffix)
        if path.exists():
            os.replace(path, aside.with_name(aside.name + suffix))
    os.replace(folder.database, aside)
    return aside


def databases_aside(folder: DataFolder, why: Why) -> list[Path]:
    """Those of one cause, by name."""
    return [path for path, found, _ in _aside(folder) if found[1] == why and found[3] is None]


def files_aside(folder: DataFolder) -> list[tuple[Path, int]]:
    """Every file of every one, by name, and when it was put there in milliseconds since 1970."""
    return [(path, at_ms) for path, _, at_ms in _aside(folder)]


def _aside(folder: DataFolder) -> Iterator[tuple[Path, re.Match[str], int]]:
    for path in sorted(folder.root.glob(f"{folder.database.name}.*")):
        if found := _NAME.match(path.name):
            yield path, found, int(found[2])
