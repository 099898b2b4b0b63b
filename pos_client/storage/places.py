"""Where a workstation's files are, by default: every program and command of ours asks here."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import platformdirs

from pos_client.keys.key_store import service_of


@dataclass(frozen=True, slots=True)
class Places:
    """The paths of one workstation. `key_folder` None: the system's key store, where there is one."""

    data: Path
    witness: Path
    key_folder: Path | None

    @property
    def journal(self) -> Path:
        """Our own facts."""
        return self.data / "journal.db"

    @property
    def replica(self) -> Path:
        """HQ's data as last heard."""
        return self.data / "replica.db"

    @property
    def workstation(self) -> Path:
        """What enrolment said and is no secret."""
        return self.data / "workstation.json"


def find_places(data: Path | None, witness: Path | None = None, key_folder: Path | None = None) -> Places:
    """Fills in defaults. The witness lies in the user's state folder, named after the data folder:

    another path than the data on purpose, so that one deleted or restored folder does not take both.
    """
    folder = data or Path(platformdirs.user_data_dir("tidemark", appauthor=False))
    state = Path(platformdirs.user_state_dir("tidemark", appauthor=False))
    return Places(folder, witness or state / f"witness-{service_of(folder)}", key_folder)
