"""`receipt-preview`: a sale printed with a template, as a picture: the very code that prints at the checkout.

Reads one JSON object on standard input and writes a PNG on standard output:
`{"document", "template", "columns": 32 | 48, "language": "zh" | "en", "store": {…}, "footer",
"workstation_name", "operator_name", "member_name", "tender_names": {code: name}}`.
A template that cannot be understood ends with exit code 1 and `bad_receipt_template: …` on standard error.
"""

from __future__ import annotations

import argparse
import io
import json
import sys
from typing import Any

from pos_client.receipts.from_document import ReceiptContext, receipt_of
from pos_client.receipts.layout import COLUMNS, lay_out
from pos_client.receipts.raster import picture
from pos_client.receipts.template import parse_template
from pos_core.catalog.store import Store
from pos_core.errors import InvalidInput

ASKED_BYTES_MAX = 4 * 1024 * 1024


class BadPreview(InvalidInput):
    """What stands on standard input is no question for a preview."""

    code = "bad_receipt_preview"


def register(commands: Any) -> None:
    """Adds the command."""
    parser = commands.add_parser("receipt-preview", help="a sale with a template as PNG (stdin, stdout)")
    parser.set_defaults(run=_run)


def _run(_: argparse.Namespace) -> int:
    sys.stdout.buffer.write(preview(sys.stdin.buffer.read(ASKED_BYTES_MAX + 1)))
    return 0


def preview(question: bytes) -> bytes:
    """PNG bytes. Raises BadPreview, BadReceiptTemplate, NoChineseFont."""
    if len(question) > ASKED_BYTES_MAX:
        raise BadPreview("too large")
    try:
        said = json.loads(question)
        template = parse_template(said["template"])
        columns = int(said["columns"])
        store = said["store"]
        context = ReceiptContext(
            Store(
                str(store["store_id"]), str(store["name"]), str(store.get("region", "")),
                str(store.get("address") or ""), None, None, str(store["time_zone"]), "", (),
            ),
            str(said["workstation_name"]),
            str(said["operator_name"]),
            tender_names=dict(said.get("tender_names", {})),
            member_name=said.get("member_name"),
            language="en" if said.get("language") == "en" else "zh",
            footer=str(said.get("footer") or ""),
            template=template,
        )  # fmt: skip
        receipt = receipt_of(said["document"], context)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadPreview(f"{type(error).__name__}: {error}") from None
    if columns not in COLUMNS.values():
        raise BadPreview("columns are 32 or 48")
    out = io.BytesIO()
    picture(lay_out(receipt, columns), columns).save(out, format="PNG")
    return out.getvalue()
