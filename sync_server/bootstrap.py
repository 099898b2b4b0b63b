"""Builds and wires head office; the only module that knows all its parts."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pos_core.clock import Clock
from sync_server.services.blobs import Blobs
from sync_server.services.chain import open_chain
from sync_server.services.clock import SystemClock
from sync_server.services.data_folder import DataFolder
from sync_server.services.keys import ChainKeys
from sync_server.services.releases import Releases
from sync_server.store.engine import Store


@dataclass(frozen=True, slots=True)
class HeadOffice:
    """Every service of one chain, on one data folder."""

    folder: DataFolder
    store: Store
    keys: ChainKeys
    clock: Clock
    blobs: Blobs
    releases: Releases

    def close(self) -> None:
        """Closes the database."""
        self.store.close()


def open_head_office(
    data: Path, *, database_url: str | None = None, clock: Clock | None = None
) -> HeadOffice:
    """Opens the chain in `data`. Raises KeysMissing, StoreTrouble, BadDatabaseUrl."""
    clock = clock or SystemClock()
    folder = DataFolder(data)
    store, keys = open_chain(folder, database_url)
    blobs = Blobs(folder.blobs, clock)
    return HeadOffice(folder, store, keys, clock, blobs, Releases(blobs, keys, clock))
