"""What the driver needs besides the services: opening, enrolling, verifying, backing up."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Protocol

from pos_client.services.workstation import Workstation


class Host(Protocol):
    """Built by `pos_client.headless_host`; each call may raise a TidemarkError."""

    def open(self) -> Workstation:
        """The workstation of the data folder. Raises NotEnrolled and the storage troubles."""
        ...

    def enrol(self, server: str, code: str, name: str) -> dict[str, Any]:
        """Enrol and fetch everything; the workstation must not be open."""
        ...

    def verify(self) -> dict[str, Any]:
        """Check the journal: `{"documents", "heads", "witness", "findings"}`."""
        ...

    def backup(self, into: Path) -> dict[str, Any]:
        """A verified copy of the journal: `{"folder", "documents"}`."""
        ...
