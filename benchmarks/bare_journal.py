"""A journal of its own for a figure: no server, no replica, keys in files."""

from __future__ import annotations

from pathlib import Path

from pos_client.journal.journal import Journal
from pos_client.keys.key_store import FileKeyStore
from pos_client.services.system_clock import SystemClock
from pos_core.sync.document import Series


def open_journal(folder: Path, workstation_id: str) -> Journal:
    """Made anew where there is none. Close it."""
    return Journal.open(
        folder / "journal.db",
        keys=FileKeyStore(folder / "keys"),
        witness_path=folder / "witness" / "w",
        series=Series(workstation_id, 1),
        store_id="S001",
        clock=SystemClock(),
        ballast_bytes=4096,
    )
