"""The driver on a real workstation in a folder."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

from pos_client.headless.desk import Desk
from pos_client.headless.driver import run, serve
from pos_client.journal.journal import WITNESS_KEY
from pos_client.journal.opening import head_as_json
from pos_client.journal.start import JOURNAL_KEY
from pos_client.journal.verify import verify_journal
from pos_client.keys.key_store import FileKeyStore
from pos_client.services.workstation import Workstation
from pos_client.sync.errors import NotEnrolled
from tests.client.services.shop import Shop


class ShopHost:
    """Opens the shop once; `enrolled` False plays a machine before its enrolment."""

    def __init__(self, folder: Path, *, enrolled: bool = True) -> None:
        self._folder = folder
        self._enrolled = enrolled
        self.shop: Shop | None = None

    def open(self) -> Workstation:
        if not self._enrolled:
            raise NotEnrolled("enrol first")
        self.shop = Shop(self._folder)
        return self.shop.workstation

    def enrol(self, server: str, code: str, name: str) -> dict[str, Any]:
        self._enrolled = True
        return {"workstation_name": name}

    def verify(self) -> dict[str, Any]:
        keys = FileKeyStore(self._folder / "keys")
        key = keys.get(JOURNAL_KEY)
        assert key is not None
        report = verify_journal(
            self._folder / "journal.db",
            key,
            witness_path=self._folder / "witness" / "w",
            witness_key=keys.get(WITNESS_KEY),
        )
        return {
            "verified": report.ok,
            "documents": report.documents,
            "heads": [head_as_json(head) for head in report.heads],
            "witness": report.witness,
            "findings": [finding.code for finding in report.findings],
        }

    def backup(self, into: Path) -> dict[str, Any]:
        return {"folder": str(into)}


def drive(host: ShopHost, *requests: dict[str, Any] | bytes) -> list[dict[str, Any]]:
    """The answers to a list of requests; bytes go in as they are."""
    lines = [
        each if isinstance(each, bytes) else json.dumps(each, ensure_ascii=False).encode() + b"\n"
        for each in requests
    ]
    out = io.BytesIO()
    assert run(host, io.BytesIO(b"".join(lines)), out) == 0
    return [json.loads(line) for line in out.getvalue().splitlines()]


class Talk:
    """One request after another, each made with what the last one answered."""

    def __init__(self, host: ShopHost) -> None:
        self._desk = Desk(host)

    def say(self, request: dict[str, Any]) -> dict[str, Any]:
        answer, _ = serve(self._desk, json.dumps(request, ensure_ascii=False).encode())
        return answer

    def end(self) -> None:
        self._desk.close()


SIGN_ON = {"op": "sign_on", "operator_number": "1001", "pin": "246810"}
OPEN_SHIFT = {"op": "open_shift", "float_minor": 20_000}
