"""The dashboard of sales: by day or week, hour, store, region and item, from sums that a timer keeps."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sync_server.services.console.documents import stores_in
from sync_server.services.console.periods import Period
from sync_server.services.importing.context import chain_view
from sync_server.store import catalog, sales
from sync_server.store.engine import Store, Txn

ITEMS_SHOWN = 30
Figures = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Dashboard:
    """Sums of `store.sales.HOUR_FIGURES`: `by_bucket` (day or week), `by_hour`, `by_store`, `by_region`."""

    total: Figures
    by_bucket: Mapping[str, Figures]
    by_hour: Mapping[int, Figures]
    by_store: Sequence[tuple[str, str, str, Figures]]
    by_region: Mapping[str, Figures]
    stores: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class ItemSales:
    """`days` of the whole chain; `stores` of the day that was asked for."""

    item: catalog.ItemRow | None
    days: Sequence[Figures]
    stores: Sequence[Figures]


class SalesFigures:
    """Reads. With `region` its stores alone; items and members are the chain's and for whoever sees all."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def dashboard(self, region: str | None, period: Period, store_id: str = "") -> Dashboard:
        """Of one store, or of all that the person sees."""
        return self._store.read(lambda txn: _dashboard(txn, region, period, store_id))

    def items(self, period: Period) -> list[dict[str, Any]]:
        """What brought most, with names."""

        def read(txn: Txn) -> list[dict[str, Any]]:
            found = sales.items(txn, period.day_from, period.day_to, ITEMS_SHOWN)
            known = catalog.items(txn, [row["sku"] for row in found])
            return [{**row, "item": known.get(row["sku"])} for row in found]

        return self._store.read(read)

    def item(self, period: Period, sku: str, day: str = "") -> ItemSales:
        """One item, day by day; with `day` store by store on it."""

        def read(txn: Txn) -> ItemSales:
            known = chain_view(txn).stores
            rows = sales.item_days(txn, sku, list(period.days()))
            stores = sales.item_stores(txn, sku, day, sorted(known)) if day else []
            named = [{**row, "name": str(known[row["store_id"]]["name"])} for row in stores]
            return ItemSales(catalog.items(txn, [sku]).get(sku), rows, named)

        return self._store.read(read)

    def members(self, period: Period) -> dict[str, int]:
        """See `store.sales.seen_counts`."""
        return self._store.read(lambda txn: sales.seen_counts(txn, period.day_from, period.day_to))


def _dashboard(txn: Txn, region: str | None, period: Period, store_id: str) -> Dashboard:
    known = chain_view(txn).stores
    there = sorted(stores_in(txn, region))
    wanted = [store_id] if store_id in there else there
    every = None if region is None and not store_id else wanted
    days = (period.day_from, period.day_to, every)
    total: dict[str, int] = dict.fromkeys(sales.HOUR_FIGURES, 0)
    buckets: dict[str, dict[str, int]] = {name: dict(total) for name in period.buckets()}
    for row in sales.hours(txn, *days, "business_day"):
        _into(buckets[period.bucket(row["business_day"])], row)
        _into(total, row)
    regions: dict[str, dict[str, int]] = defaultdict(lambda: dict.fromkeys(sales.HOUR_FIGURES, 0))
    stores = []
    for row in sales.hours(txn, *days, "store_id"):
        about = known.get(row["store_id"])
        where = str(about["region"]) if about else ""
        _into(regions[where], row)
        stores.append((row["store_id"], str(about["name"]) if about else "", where, row))
    stores.sort(key=lambda each: -each[3]["net_minor"])
    by_hour = {row["hour"]: row for row in sales.hours(txn, *days, "hour")}
    chosen = [(name, str(known[name]["name"])) for name in there]
    return Dashboard(total, buckets, by_hour, stores, dict(regions), chosen)


def _into(sums: dict[str, int], row: Figures) -> None:
    for name in sales.HOUR_FIGURES:
        sums[name] += row[name]
