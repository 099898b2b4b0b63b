"""Sign-on of employees as rows of the feed: what managers and head office said, to their store."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from pos_core.canonical import canonical_bytes
from pos_core.sync.folds import State, StateKey
from pos_core.sync.folds.credential import FOLD
from sync_server.store import feed
from sync_server.store.engine import Txn


def credentials(txn: Txn, states: Mapping[StateKey, State]) -> None:
    """Rows for the stores whose employees changed."""
    rows: dict[str, list[list[Any]]] = defaultdict(list)
    for (fold, place), state in states.items():
        if fold == FOLD.name:
            store_id, _, employee_id = place.partition("/")
            rows[store_id].append([employee_id, canonical_bytes(state).decode()])
    for store_id, found in rows.items():
        feed.put_rows(txn, "credential", f"store:{store_id}", found)
