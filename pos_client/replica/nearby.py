"""Stock of the stores around, as head office packed it last. pos_core/stock/nearby.py."""

from __future__ import annotations

import json
from dataclasses import dataclass

from pos_client.storage.connection import Connection
from pos_core.catalog.store import Store
from pos_core.stock.nearby import packed_step
from pos_core.sync.reference import KINDS

_STORES = f"SELECT {', '.join(KINDS['store'].column_names)} FROM store"  # noqa: S608 - names of KINDS


@dataclass(frozen=True, slots=True)
class PackedPlace:
    """`step` is an index into STEPS; `as_of_ms`: what the place had sent by then is in it."""

    step: int
    as_of_ms: int


def stores(connection: Connection) -> list[Store]:
    """Every store and warehouse of the chain."""
    return [Store.from_row(row) for row in connection.execute(_STORES)]


def packed(connection: Connection, region: str, sku: str) -> dict[str, PackedPlace]:
    """Store → what is known of an item there; empty before head office has said anything of the region."""
    row = connection.execute(
        "SELECT worked_out_at_ms, places FROM nearby_places WHERE region = ?", (region,)
    ).fetchone()
    if row is None:
        return {}
    found = connection.execute("SELECT steps FROM nearby_stock WHERE sku = ?", (sku,)).fetchone()
    text = "" if found is None else found[0]
    return {
        store_id: PackedPlace(
            packed_step(text, position), row[0] if heard_ms is None else min(row[0], heard_ms)
        )
        for position, (store_id, heard_ms) in enumerate(json.loads(row[1]))
    }
