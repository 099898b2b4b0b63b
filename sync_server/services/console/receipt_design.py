"""The receipt's template at head office, previewed by the very program that prints at the checkout.

The preview is a process of its own (`python -m pos_client receipt-preview`): nothing of the checkout is
loaded here, and what the picture shows is what comes out of a printer.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pos_core.errors import InvalidInput, Refusal
from resources import resource_path
from sync_server.services.acts import Act
from sync_server.services.console.policy_changes import PolicyChanges
from sync_server.services.importing.context import chain_view
from sync_server.store import document, feed, masters
from sync_server.store.engine import Store, Txn
from sync_server.store.policy_change import PolicyChangeRow

POLICY = "receipt_template"
TIMEOUT_S = 20.0
PICTURE_BYTES_MAX = 4 * 1024 * 1024
BLOCKS = "logo store header facts member lines totals tenders taxes points return_code invoice footer".split()
ALWAYS = frozenset({"store", "facts", "lines", "totals", "tenders"})
COLUMNS = (32, 48)


class BadTemplate(InvalidInput):
    """A template that checkouts would not understand; `field` says where."""

    code = "receipt_bad_template"


class NoPreview(Refusal):
    """The program that prints is not installed beside the server, has no Chinese font, or is busy."""

    code = "receipt_no_preview"


class ReceiptDesign:
    """See the module."""

    def __init__(self, store: Store, changes: PolicyChanges, folder: Path) -> None:
        self._store = store
        self._changes = changes
        self._folder = folder
        self._one_at_a_time = threading.Lock()

    def template(self) -> dict[str, Any]:
        """As it is set; {} where none is."""
        value = self._store.read(lambda txn: feed.policy(txn, POLICY))
        return value if isinstance(value, dict) else {}

    def preview(self, template: Mapping[str, Any], columns: int, language: str) -> bytes:
        """The newest sale printed so, as PNG; an example before the first. Raises BadTemplate, NoPreview."""
        question = self._store.read(_question)
        question |= {"template": template, "columns": columns, "language": language}
        if not self._one_at_a_time.acquire(timeout=TIMEOUT_S):
            raise NoPreview("another preview is under way")
        try:
            return self._printed(json.dumps(question, ensure_ascii=False).encode())
        finally:
            self._one_at_a_time.release()

    def save(self, act: Act, template: Mapping[str, Any]) -> PolicyChangeRow:
        """Printed once before it is kept; what cannot be is refused. Raises BadTemplate, NoPreview."""
        if template:
            self.preview(template, COLUMNS[0], "zh")
        text = json.dumps(template, ensure_ascii=False) if template else ""
        return self._changes.ask(act, POLICY, text)

    def _printed(self, question: bytes) -> bytes:
        self._folder.mkdir(parents=True, exist_ok=True)
        root = str(Path(__file__).resolve().parents[3])
        try:
            done = subprocess.run(
                [sys.executable, "-m", "pos_client", "receipt-preview"],
                input=question,
                capture_output=True,
                timeout=TIMEOUT_S,
                cwd=root,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise NoPreview(f"{type(error).__name__}") from None
        if (
            done.returncode == 0
            and done.stdout.startswith(b"\x89PNG")
            and len(done.stdout) < PICTURE_BYTES_MAX
        ):
            return done.stdout
        said = done.stderr.decode(errors="replace").strip().splitlines()[-1:] or [""]
        code, _, message = said[0].partition(": ")
        if code == "bad_receipt_template":
            raise BadTemplate(message, field=message.removesuffix(" is wrong"))
        raise NoPreview(said[0][:200])


def _question(txn: Txn) -> dict[str, Any]:
    """A sale with the names that it leaves out; the member is nobody."""
    chain = chain_view(txn)
    sale = document.newest_sale(txn)
    if sale is None:
        sale = json.loads(resource_path("examples/sale.json").read_text(encoding="utf-8"))
    stores = chain.stores
    store = stores.get(sale["store_id"]) or (stores[min(stores)] if stores else {})
    operator = str(sale.get("operator_id") or "")
    known = masters.employees(txn, [operator]).get(operator)
    tenders = {str(row[0]): str(row[2]) for row in feed.rows_of(txn, "tender_type", "chain")}
    return {
        "document": sale,
        "store": {
            "store_id": str(store.get("store_id", "S001")),
            "name": str(store.get("name", "")),
            "address": str(store.get("address") or ""),
            "time_zone": str(store.get("time_zone") or "Asia/Shanghai"),
        },
        "footer": chain.policies.get("receipt_footer", ""),
        "workstation_name": str(sale["workstation_id"])[:8],
        "operator_name": known.name if known else operator,
        "member_name": "*" if sale["body"].get("member_id") else None,
        "tender_names": tenders,
    }
