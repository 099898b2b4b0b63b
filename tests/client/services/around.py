"""Stores around the shop under test, as head office sent them, and what they have."""

from __future__ import annotations

import json
from typing import Any

from pos_core.stock.nearby import pack_steps
from pos_core.sync.stock_messages import StockAnswer, StockPlace
from tests.client.services.shop import Shop
from tests.fakes.reference_rows import page, rows_of
from tests.fakes.releases import T0

MINUTE = 60_000
WORKED_OUT_MS = T0 - 5 * MINUTE


def store(store_id: str, name: str, latitude: float | None, region: str = "east") -> list[Any]:
    at = (None, None) if latitude is None else (round(latitude * 1e6), 120_000_000)
    return [store_id, name, region, "", *at, "Asia/Shanghai", "PL1", "[]"]


STORES = [
    store("S001", "潮汐超市", 30.0),
    store("S002", "湖滨店", 30.02),
    store("S003", "城北店", 30.5),
    store("S004", "苏州园区店", 31.3, "north"),
    store("W001", "东部大仓", None),
]


def fill(shop: Shop, *, packed: bool = True) -> None:
    """Stores with their places; of C1 three at S002, none at S003, six and more in the warehouse."""
    _next(shop, "chain", rows_of("store", STORES))
    if not packed:
        return
    heard = [["S001", T0], ["S003", T0 - 60 * MINUTE], ["S002", WORKED_OUT_MS + 1], ["W001", None]]
    places = ["east", WORKED_OUT_MS, json.dumps(heard)]
    steps = ["C1", pack_steps({0: 3, 2: 2, 3: 3})]
    _next(shop, "region:east", rows_of("nearby_places", [places]), rows_of("nearby_stock", [steps]))


def _next(shop: Shop, scope: str, *parts: Any) -> None:
    after = shop.replica.cursors()[scope][1]
    shop.replica.apply_page(page(*parts, scope=scope, after=after, to=after + 10))


def answer(**places: tuple[int, int | None]) -> StockAnswer:
    """Store → thousandths, and when it was heard last."""
    found = [StockPlace(name, milli, heard_ms) for name, (milli, heard_ms) in places.items()]
    return StockAnswer("C1", T0, found)
