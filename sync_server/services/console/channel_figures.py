"""Sales, points and coupons by channel, and prices and lots that are not as they should be between places."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sync_server.services.console.documents import stores_in
from sync_server.services.console.periods import Period
from sync_server.services.importing.context import chain_view
from sync_server.store import catalog, channel_sums, lots
from sync_server.store.engine import Store, Txn
from sync_server.store.schema.channel_sums import CHANNEL_FIGURES, PLACE_FIGURES

LISTED_MAX = 500
Figures = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Channels:
    """`by_channel`, `by_bucket` (bucket, channel → net); `cross`: home channel × channel.

    `by_store` and `by_region` have `PLACE_FIGURES` alone.
    """

    channels: Sequence[str]
    total: Figures
    by_channel: Mapping[str, Figures]
    by_bucket: Mapping[tuple[str, str], int]
    by_region: Mapping[tuple[str, str], Figures]
    by_store: Sequence[tuple[str, str, str, Figures]]
    by_day: Sequence[tuple[str, Figures]]
    cross: Sequence[tuple[str, str, Figures]]
    sets: Sequence[tuple[str, list[str], int]]
    stores: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Astray:
    """A line sold outside, and where its lot was received. `receipts` without those a person may not see."""

    line: Figures
    item: catalog.ItemRow | None
    regions: Sequence[str]
    receipts: Sequence[Figures]


class ChannelFigures:
    """Reads; with `region` its stores alone, without the sets of channels, which are of the whole chain."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def channels(self, region: str | None, period: Period, channel: str = "", store_id: str = "") -> Channels:
        """`channel` and `store_id` narrow the lists of stores and days; "": all."""
        return self._store.read(lambda txn: _channels(txn, region, period, channel, store_id))

    def gaps(self, region: str | None, period: Period) -> tuple[list[dict[str, Any]], int]:
        """Prices of an item's day that differ between channels, the widest first, and how many there are."""

        def read(txn: Txn) -> tuple[list[dict[str, Any]], int]:
            rows, count = channel_sums.gaps(txn, period.day_from, period.day_to, region, LISTED_MAX)
            known = catalog.items(txn, sorted({row["sku"] for row in rows}))
            return [{**row, "item": known.get(row["sku"])} for row in rows], count

        return self._store.read(read)

    def astray(self, region: str | None, period: Period) -> tuple[list[Astray], int, int]:
        """Lines sold outside of where their lot was received, how many there are, and their net."""

        def read(txn: Txn) -> tuple[list[Astray], int, int]:
            rows, count, net = lots.astray(txn, period.day_from, period.day_to, region, LISTED_MAX)
            places = sorted({(row["sku"], row["lot"]) for row in rows})
            received, there = lots.receipts(txn, places), stores_in(txn, region)
            known = catalog.items(txn, sorted({row["sku"] for row in rows}))
            found = []
            for row in rows:
                behind = received[row["sku"], row["lot"]]
                regions = [each["region"] for each in behind]
                seen = [each for each in behind if each["store_id"] in there]
                found.append(Astray(row, known.get(row["sku"]), regions, seen))
            return found, count, net

        return self._store.read(read)


def _channels(txn: Txn, region: str | None, period: Period, channel: str, store_id: str) -> Channels:
    known, there = chain_view(txn).stores, sorted(stores_in(txn, region))
    days = (period.day_from, period.day_to)
    one = [store_id] if store_id in there else []
    every = one if store_id else None if region is None else there
    by_channel: dict[str, dict[str, int]] = defaultdict(lambda: dict.fromkeys(CHANNEL_FIGURES, 0))
    total = dict.fromkeys(CHANNEL_FIGURES, 0)
    cross = []
    for row in channel_sums.in_regions(txn, days, region, "home_channel", "channel"):
        if row["home_channel"] and not store_id:
            cross.append((row["home_channel"], row["channel"], row))
    buckets: dict[tuple[str, str], int] = defaultdict(int)
    by_day: dict[str, dict[str, int]] = defaultdict(lambda: dict.fromkeys(CHANNEL_FIGURES, 0))
    if store_id:
        of_days = channel_sums.in_stores(txn, days, every, "business_day", "channel")
    else:
        of_days = channel_sums.in_regions(txn, days, region, "business_day", "channel")
    for row in of_days:
        _into(by_channel[row["channel"]], row)
        _into(total, row)
        buckets[period.bucket(row["business_day"]), row["channel"]] += row["net_minor"]
        if channel in ("", row["channel"]):
            _into(by_day[row["business_day"]], row)
    regions: dict[tuple[str, str], dict[str, int]] = defaultdict(lambda: dict.fromkeys(PLACE_FIGURES, 0))
    stores: dict[str, dict[str, int]] = defaultdict(lambda: dict.fromkeys(PLACE_FIGURES, 0))
    for row in channel_sums.in_stores(txn, days, every, "store_id", "channel", figures=PLACE_FIGURES):
        about = known.get(row["store_id"])
        _into(regions[str(about["region"]) if about else "", row["channel"]], row)
        if channel in ("", row["channel"]):
            _into(stores[row["store_id"]], row)
    named = []
    for name, row in sorted(stores.items(), key=lambda each: -each[1]["net_minor"]):
        about = known.get(name, {})
        named.append((name, str(about.get("name", "")), str(about.get("region", "")), row))
    sets = (
        []
        if region is not None
        else [(text, json.loads(text), count) for text, count in channel_sums.sets(txn)]
    )
    return Channels(
        sorted(by_channel, key=lambda name: -by_channel[name]["net_minor"]), total, dict(by_channel),
        dict(buckets), dict(regions), named, sorted(by_day.items(), reverse=True), cross, sets,
        [(name, str(known[name]["name"])) for name in there],
    )  # fmt: skip


def _into(sums: dict[str, int], row: Figures) -> None:
    for name in sums:
        sums[name] += row[name]
