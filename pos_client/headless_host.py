"""What the headless driver asks of the program around the workstation: opening, enrolling, its files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pos_client.bootstrap import Options, enrol_workstation, open_workstation
from pos_client.journal.journal import WITNESS_KEY
from pos_client.journal.start import JOURNAL_KEY
from pos_client.keys.key_store import KeyStore, choose_key_store, needed
from pos_client.services.system_clock import SystemClock
from pos_client.services.workstation import Workstation
from pos_client.storage.places import Places
from pos_client.sync.workstation_file import WorkstationFile


class HeadlessHost:
    """See `pos_client.headless.host`."""

    def __init__(self, options: Options) -> None:
        self._options = options

    def open(self) -> Workstation:
        """Open the workstation of the data folder."""
        return open_workstation(self._options)

    def enrol(self, server: str, code: str, name: str) -> dict[str, Any]:
        """Enrol and fetch everything."""
        made = enrol_workstation(self._options.places, server, code, name)
        names = ("workstation_id", "workstation_name", "incarnation", "store_id", "region", "chain_id")
        return {each: getattr(made, each) for each in names}

    def verify(self) -> dict[str, Any]:
        """Check the journal; selling may go on meanwhile."""
        from pos_client.journal.opening import head_as_json
        from pos_client.journal.verify import verify_journal

        places, keys, key = self._journal_key()
        report = verify_journal(
            places.journal, key, witness_path=places.witness, witness_key=keys.get(WITNESS_KEY)
        )
        return {
            "verified": report.ok,
            "documents": report.documents,
            "heads": [head_as_json(head) for head in report.heads],
            "witness": report.witness,
            "findings": [{"code": f.code, "where": f.where, "message": f.message} for f in report.findings],
        }

    def backup(self, into: Path) -> dict[str, Any]:
        """A verified copy of the journal; members' keys there that have expired are deleted."""
        from pos_client.journal.backup import back_up, delete_expired_keys

        places, _, key = self._journal_key()
        now_ms = SystemClock().now_ms()
        made = back_up(places.journal, key, into, now_ms=now_ms)
        delete_expired_keys(into, now_ms)
        return {"folder": str(made.folder), "documents": made.manifest["documents"]}

    def _journal_key(self) -> tuple[Places, KeyStore, bytes]:
        places = self._options.places
        WorkstationFile.load(places.data)
        keys = choose_key_store(places.data, places.key_folder)
        return places, keys, needed(keys, JOURNAL_KEY)
