"""Returns of a receipt as rows: to the store that sold, and to every store that took goods of it back."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from pos_core.canonical import canonical_bytes
from pos_core.sale.receipt_return import place_of, return_data
from sync_server.store import feed, sold, workstation
from sync_server.store.engine import Txn

KIND = "receipt_return"


def publish(txn: Txn, documents: Iterable[Mapping[str, Any]]) -> None:
    """Rows of the returns among `documents`, whatever order they come in."""
    for document in documents:
        origin = document["body"].get("origin") if document["type"] == "return" else None
        if origin is not None:
            _publish(txn, document, origin)


def _publish(txn: Txn, document: Mapping[str, Any], origin: Mapping[str, Any]) -> None:
    place = place_of(origin)
    row = [*place, *place_of(document), canonical_bytes(return_data(document)).decode()]
    seller = sold.store_of(txn, place) or _store_of_workstation(txn, place[0])
    here = str(document["store_id"])
    known = [json.loads(text) for text in sold.returns_known(txn, seller or here, place)]
    takers = {str(json.loads(each[-1])["store_id"]) for each in known}
    for store_id in sorted({*takers, here, *([seller] if seller else [])}):
        rows = [*known, row] if store_id == here else [row]
        feed.put_rows(txn, KIND, f"store:{store_id}", rows)


def _store_of_workstation(txn: Txn, workstation_id: str) -> str | None:
    row = workstation.get(txn, workstation_id)
    return None if row is None else row.store_id
