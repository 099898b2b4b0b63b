"""Sales whose list prices are not their release's: what a price check adds to the rulings."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any

from pos_core.sync.folds.stamp import document_key
from pos_core.sync.rulings import Ruling, Terms
from pos_core.sync.rulings.price_differs import rule
from sync_server.store import masters
from sync_server.store.engine import Txn
from sync_server.store.masters import PriceRow
from sync_server.store.price_check import SaleRow


def price_rulings(txn: Txn, sales: Sequence[SaleRow], terms: Terms) -> list[Ruling]:
    """Rulings on the lines of these sales. Recorded sales and sales without a release are not judged.

    Head office keeps the newest prices only: a pair that was changed since the sale's release is not judged.
    """
    judged = []
    for sale in sales:
        body = json.loads(sale.data)["body"]
        if sale.release_version is not None and body["external_ref"] is None:
            judged.append((sale, sale.release_version, body))
    pairs = sorted({(body["price_list_id"], line["sku"]) for _, _, body in judged for line in body["lines"]})
    known: dict[tuple[str, str], list[PriceRow]] = defaultdict(list)
    for row in masters.prices(txn, pairs).values():
        known[row.price_list_id, row.sku].append(row)
    found: list[Ruling] = []
    for sale, version, body in judged:
        document = document_key(sale.workstation_id, sale.incarnation, sale.number)
        found += rule(document, sale.store_id, body, _price_of(known, body, version), terms)
    return found


def _price_of(
    known: dict[tuple[str, str], list[PriceRow]], body: dict[str, Any], version: int
) -> Callable[[str], int | None]:
    def price_of(sku: str) -> int | None:
        rows = known.get((body["price_list_id"], sku), [])
        if any(row.published_version is None or row.published_version > version for row in rows):
            return None
        at_ms = body["instant_ms"]
        valid = [
            row
            for row in rows
            if row.effective_from_ms <= at_ms and (row.effective_to_ms is None or at_ms < row.effective_to_ms)
        ]
        return max(valid, key=lambda row: row.effective_from_ms).price_minor if valid else None

    return price_of
