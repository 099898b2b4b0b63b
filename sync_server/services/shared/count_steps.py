"""Stocktakes that were opened and approved, as rows: to every workstation of their store."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from pos_core.canonical import canonical_bytes
from sync_server.store import feed
from sync_server.store.engine import Txn

KIND = "count_step"
TYPES = frozenset({"count_opened", "count_approved"})
KEPT_DAYS = 62
"""An approval's row holds every variance that was signed: older ones stay in the documents alone."""


def publish(txn: Txn, documents: Iterable[Mapping[str, Any]], *, now_ms: int) -> None:
    """Rows of those among `documents`, whatever order they come in; a new stocktake lets old ones go.

    Old is what head office's clock says: a till in another year takes nobody's stocktakes away.
    """
    for document in documents:
        if document["type"] not in TYPES:
            continue
        scope, body = f"store:{document['store_id']}", document["body"]
        place = (document["workstation_id"], document["incarnation"], document["number"])
        names = ("type", "hlc", "occurred_at_ms", "operator_id", "body")
        data = canonical_bytes({name: document[name] for name in names}).decode()
        gone = _old(txn, scope, now_ms) if document["type"] == "count_opened" else []
        feed.put_rows(txn, KIND, scope, [[body["session_id"], *place, data]], gone)


def _old(txn: Txn, scope: str, now_ms: int) -> list[list[Any]]:
    """Keys of stocktakes of more than `KEPT_DAYS` ago; a name begins with its day."""
    day = datetime.fromtimestamp(now_ms / 1000, UTC).date() - timedelta(days=KEPT_DAYS)
    first = f"{day:%Y%m%d}"
    return [key for key in feed.keys_after(txn, KIND, scope, 0) if str(key[0]) < first]
