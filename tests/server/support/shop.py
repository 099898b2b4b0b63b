"""Goods for a chain: items, two price lists in two regions, costs and a first release."""

from __future__ import annotations

from sync_server.services.publish import Publisher
from sync_server.store import feed, masters
from sync_server.store.engine import Txn
from sync_server.store.masters import PriceRow
from tests.server.support.office import STORES, Chain

STORE_LISTS = {"S001": "PL1", "S002": "PL2"}


def sku(number: int) -> str:
    return f"A{number:06d}"


def item_row(number: int, *, active: int = 1) -> list[object]:
    name = f"{'红茶可乐牛奶饼干面包'[number % 5 * 2 :][:2]}{number}"
    return [sku(number), name, f"Item {number}", name, "潮牌", "D1", "T13", "piece", "件",
            None, None, None, "[]", "", "", number, active]  # fmt: skip


def stock(chain: Chain, items: int = 5, *, publish: bool = True) -> None:
    """Items 1 … `items` at 10.00 in PL1 (S001, east) and 12.00 in PL2 (S002, west), cost 6.00."""

    def write(txn: Txn) -> None:
        stores = [[*row[:7], STORE_LISTS[str(row[0])], "[]"] for row in STORES]
        feed.put_rows(txn, "store", "chain", stores)
        feed.put_rows(txn, "department", "chain", [["D1", None, "饮料", "Drinks"]])
        feed.put_rows(txn, "tax_class", "chain", [["T13", "一般", 130_000]])
        feed.put_rows(txn, "price_list", "chain", [["PL1", "东区", "CNY"], ["PL2", "西区", "CNY"]])
        feed.put_rows(txn, "item", "chain", [item_row(number) for number in range(1, items + 1)])
        masters.put_costs(txn, [(sku(number), 600) for number in range(1, items + 1)])
        rows = [
            PriceRow(name, sku(number), 1, None, price)
            for number in range(1, items + 1)
            for name, price in (("PL1", 1000), ("PL2", 1200))
        ]
        masters.put_prices(txn, rows)

    chain.office.store.write(write)
    if publish:
        Publisher(chain.office.store, chain.office.releases, chain.clock).publish(note="first")
