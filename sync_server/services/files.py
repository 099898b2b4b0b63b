"""Which file a workstation may fetch: those of its own scopes, and none that only others may."""

from __future__ import annotations

from pathlib import Path

from sync_server.services.blobs import Blobs
from sync_server.services.errors import NotFound
from sync_server.services.feed import scopes_of
from sync_server.store import blob
from sync_server.store.engine import Store
from sync_server.store.workstation import WorkstationRow


class Files:
    """Release files and snapshots, by hash."""

    def __init__(self, store: Store, blobs: Blobs) -> None:
        self._store = store
        self._blobs = blobs

    def path_for(self, caller: WorkstationRow, sha256: str) -> Path:
        """Where the file is. Raises NotFound, for another store's file too: nobody learns that it exists."""
        length = self._store.read(lambda txn: blob.length_for(txn, sha256, scopes_of(txn, caller)))
        path = self._blobs.path(sha256)
        if length is None or not path.exists():
            raise NotFound("no such file")
        return path
