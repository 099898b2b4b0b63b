"""What head office sends a store that orders: suppliers, a warehouse, the nightly forecast."""

from __future__ import annotations

from tests.client.services.shop import Shop
from tests.fakes.reference_rows import item_row, page, rows_of

AS_OF_MS = 1_780_000_000_000
SUPPLIERS = [["SUP", "云供货", 3, 7, 50_000], ["DAIRY", "晨光乳业", 1, 2, None]]
WAREHOUSE = ["W001", "东部大仓", "east", "", None, None, "Asia/Shanghai", "PL1", "[]"]
BASIS = '{"method":"regular","seen_days":200,"sale_days":180,"service_ppm":950000,"out_days":4}'
NEW = '{"method":"new","seen_days":10,"sale_days":3,"service_ppm":950000}'


def week(milli: int) -> str:
    """So much on every day."""
    return f"[{','.join([str(milli)] * 7)}]"


FORECASTS = [
    ["C1", week(2000), 1500, "supplier", "SUP", 3, 7, 6000, 0, 120, BASIS],
    ["N1", week(1000), 500, "supplier", "SUP", 2, 7, 1000, 24_000, 350, NEW],
    ["M1", week(4000), 3000, "supplier", "DAIRY", 1, 2, 1000, 0, 410, BASIS],
    ["W1", week(3500), 2500, "warehouse", "W001", 1, 1, 500, 0, None, BASIS],
    ["O1", week(0), 0, "", "", 1, 1, 1000, 0, None, BASIS],
]


def apply(shop: Shop, scope: str, rows: object) -> None:
    """One page of a scope."""
    at = shop.replica.cursors()[scope][1]
    shop.replica.apply_page(page(rows, scope=scope, after=at, to=at + 1))


def supply(shop: Shop, as_of_ms: int = AS_OF_MS) -> None:
    """All of it."""
    apply(shop, "chain", rows_of("supplier", SUPPLIERS))
    apply(shop, "chain", rows_of("store", [WAREHOUSE]))
    apply(shop, "chain", rows_of("item", [item_row("N1", "袋装话梅 108g", unit="袋")]))
    apply(shop, "store:S001", rows_of("replenishment", FORECASTS))
    apply(shop, "store:S001", rows_of("replenishment_run", [["S001", as_of_ms, "2026-11-27", 5]]))
