"""The grid of prices: items down, price lists across, what holds now and what a draft would change."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from pos_core.catalog.price_list import PriceRow as Dated
from pos_core.catalog.price_list import price_at
from pos_core.clock import Clock
from sync_server.services.console.price_lists import price_lists
from sync_server.store import catalog, feed, masters, price_change
from sync_server.store.catalog import ItemFilter, ItemRow
from sync_server.store.engine import Store, Txn
from sync_server.store.masters import PriceRow

PAGE_ROWS = 100
Pair = tuple[str, str]


class PriceGrid:
    """Reads."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def frame(self, wanted: ItemFilter, region: str | None) -> dict[str, Any]:
        """What stands around the rows: lists, departments, how many items the filter leaves."""

        def read(txn: Txn) -> dict[str, Any]:
            return {
                "lists": price_lists(txn, region)[1],
                "count": catalog.count(txn, wanted),
                "departments": sorted(feed.rows_of(txn, "department", "chain")),
            }

        return self._store.read(read)

    def items(self, wanted: ItemFilter, limit: int) -> list[ItemRow]:
        """The first items that fit, by SKU."""
        return self._store.read(lambda txn: catalog.page(txn, wanted, offset=0, limit=limit))

    def rows(
        self, wanted: ItemFilter, *, offset: int, change_id: str | None, region: str | None, costs: bool
    ) -> list[dict[str, Any]]:
        """One page: per item and list the price now, whether it will change, and the draft's price."""
        now = self._clock.now_ms()

        def read(txn: Txn) -> list[dict[str, Any]]:
            items = catalog.page(txn, wanted, offset=offset, limit=PAGE_ROWS)
            skus = [item.sku for item in items]
            lists = price_lists(txn, region)[1]
            known = by_pair(row for row in price_change.prices_of_skus(txn, skus))
            drafts = by_pair(price_change.rows(txn, change_id, skus=skus)) if change_id else {}
            cost = masters.costs(txn, skus) if costs else {}
            return [
                {
                    "sku": item.sku,
                    "name": item.name,
                    "name_en": item.name_en,
                    "active": item.active,
                    "cost": cost.get(item.sku),
                    "cells": [_cell(known, drafts, (each.price_list_id, item.sku), now) for each in lists],
                }
                for item in items
            ]

        return self._store.read(read)


def _cell(known: dict[Pair, list[PriceRow]], drafts: dict[Pair, list[PriceRow]], pair: Pair, now: int) -> Any:
    """[price now, changes later, the draft's prices as (minor, from, to)]."""
    rows = known.get(pair, [])
    later = any(row.effective_from_ms > now or (row.effective_to_ms or 0) > now for row in rows)
    mine = [[row.price_minor, row.effective_from_ms, row.effective_to_ms] for row in drafts.get(pair, [])]
    return [price_then(rows, now), int(later), mine]


def by_pair(rows: Iterable[PriceRow]) -> dict[Pair, list[PriceRow]]:
    """Rows by (price list, SKU)."""
    found: dict[Pair, list[PriceRow]] = defaultdict(list)
    for row in rows:
        found[row.price_list_id, row.sku].append(row)
    return found


def price_then(rows: Iterable[PriceRow], instant_ms: int) -> int | None:
    """The published price in force at an instant, by the rule that workstations use."""
    dated = [
        Dated(r.price_list_id, r.sku, 1, r.effective_from_ms, r.effective_to_ms, r.price_minor)
        for r in rows
        if r.published_version is not None
    ]
    found = price_at(dated, release_version=1, instant_ms=instant_ms)
    return None if found is None else found.price_minor
