"""Lots: where goods receipts say they were shipped to, and what was sold of them elsewhere.

A lot is astray where it is sold in a region that no goods receipt of it lies in, while one lies in another.
Lots that nobody received with their number say nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sync_server.services.told import Told
from sync_server.store import lots
from sync_server.store.engine import Txn


def gather(txn: Txn, own: tuple[str, int], part: Sequence[Told], regions: Mapping[str, str]) -> None:
    """Receipts and sales of a part of a series, in whichever order they are heard."""
    received: dict[tuple[str, str, str], lots.Received] = {}
    sold: list[lots.Sold] = []
    for each in part:
        region = regions.get(each.store_id, "")
        for line in each.body.lines:
            if not line.lot or not line.sku:
                continue
            if each.type == "goods_received" and line.quantity_milli > 0:
                key = (line.sku, line.lot, region)
                before = received.get(key, (each.key, each.store_id, each.business_day, 0))
                received[key] = (*before[:3], before[3] + line.quantity_milli)
            elif each.type == "sale":
                place = (*own, each.number, line.line_no)
                at = (each.business_day, each.store_id, region)
                sold.append((*place, *at, line.sku, line.lot, line.quantity_milli, line.net_minor))
    if received or sold:
        lots.add(txn, received, sold)
