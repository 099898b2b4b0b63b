"""Sums by channel: read by the pages of channels; prices of an item's day that differ between channels."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Table, cast, delete, func, select, tuple_

from sync_server.store import sums
from sync_server.store.engine import Txn
from sync_server.store.schema.channel_sums import (
    CHANNEL_FIGURES,
    channel_gap,
    channel_home,
    channel_price,
    channel_set,
    channel_store,
)

Price = tuple[int, str, int, str, int]
"""Lowest price and a document with it, highest and one, quantity."""


def wider(before: Price | None, price: Price) -> Price:
    """Both together."""
    if before is None:
        return price
    low = min((before[0], before[1]), (price[0], price[1]))
    high = max((before[2], before[3]), (price[2], price[3]))
    return (*low, *high, before[4] + price[4])


def put_prices(txn: Txn, prices: Mapping[tuple[str, ...], Price]) -> None:
    """Adds prices to (day, region, SKU, channel) and works out anew what differs there."""
    known = sums.by_key(txn, channel_price, sorted(prices), 4)
    merged = {key: wider(known.get(key), price) for key, price in prices.items()}
    rows = [(*key, *price) for key, price in sorted(merged.items())]
    txn.insert_many(channel_price, rows, on_conflict="replace")
    _gaps(txn, sorted({key[:3] for key in prices}))


def _gaps(txn: Txn, places: list[tuple[str, ...]]) -> None:
    table = channel_price.c
    three = (table.business_day, table.region, table.sku)
    gap = channel_gap.c
    for start in range(0, len(places), sums.AT_ONCE):
        part = places[start : start + sums.AT_ONCE]
        by_place: dict[tuple[str, ...], list[Any]] = defaultdict(list)
        statement = select(*three, table.channel, table.low_minor, table.low_document)
        for row in txn.execute(statement.where(tuple_(*three).in_(part))):
            by_place[tuple(row[:3])].append((row[4], row[3], row[5]))
        rows = []
        for place, found in by_place.items():
            low, high = min(found), max(found)
            if low[0] != high[0]:
                ppm = 10_000_000 if low[0] <= 0 else min(10_000_000, (high[0] - low[0]) * 1_000_000 // low[0])
                rows.append((*place, ppm, low[1], low[0], low[2], high[1], high[0], high[2]))
        txn.execute(delete(channel_gap).where(tuple_(gap.business_day, gap.region, gap.sku).in_(part)))
        txn.insert_many(channel_gap, rows)


def gaps(
    txn: Txn, day_from: str, day_to: str, region: str | None, limit: int
) -> tuple[list[dict[str, Any]], int]:
    """The widest first, and how many there are."""
    table = channel_gap.c
    where = [table.business_day >= day_from, table.business_day <= day_to]
    if region is not None:
        where.append(table.region == region)
    count = txn.execute(select(func.count()).select_from(channel_gap).where(*where)).scalar_one()
    statement = (
        select(channel_gap)
        .where(*where)
        .order_by(table.gap_ppm.desc(), table.business_day.desc(), table.region, table.sku)
        .limit(limit)
    )
    return [dict(row._mapping) for row in txn.execute(statement)], int(count)


def prices_of(txn: Txn, place: tuple[str, str, str]) -> list[dict[str, Any]]:
    """Business day, region and SKU → its prices in each channel, the cheapest first."""
    table = channel_price.c
    where = zip((table.business_day, table.region, table.sku), place, strict=True)
    statement = select(channel_price).where(*(column == value for column, value in where))
    return [dict(row._mapping) for row in txn.execute(statement.order_by(table.low_minor, table.channel))]


def in_stores(
    txn: Txn,
    days: tuple[str, str],
    stores: Collection[str] | None,
    *names: str,
    figures: Sequence[str] = CHANNEL_FIGURES,
) -> list[dict[str, Any]]:
    """Sums over days, both inside, by some of business_day, store_id, channel; `stores` None: all.

    `PLACE_FIGURES` alone are read from an index, a third of the time over all stores.
    """
    where = [] if stores is None else [channel_store.c.store_id.in_(list(stores))]
    return _by(txn, channel_store, days, where, names, figures=figures)


def in_regions(txn: Txn, days: tuple[str, str], region: str | None, *names: str) -> list[dict[str, Any]]:
    """Sums over days, both inside, by some of business_day, channel, home_channel; `region` None: all."""
    where = [] if region is None else [channel_home.c.region == region]
    return _by(txn, channel_home, days, where, names)


def _by(
    txn: Txn,
    of: Table,
    days: tuple[str, str],
    where: Sequence[ColumnElement[bool]],
    names: Sequence[str],
    *,
    figures: Sequence[str] = CHANNEL_FIGURES,
) -> list[dict[str, Any]]:
    table = of.c
    added = [cast(func.sum(table[name]), BigInteger).label(name) for name in figures]
    keys = [table[name] for name in names]
    statement = select(*keys, *added).where(
        table.business_day >= days[0], table.business_day <= days[1], *where
    )
    rows = txn.execute(statement.group_by(*keys).order_by(*keys))
    return [
        {name: value if isinstance(value, str) else int(value) for name, value in row._mapping.items()}
        for row in rows
    ]


def sets(txn: Txn) -> list[tuple[str, int]]:
    """JSON list of channels → members who buy in just these, most first."""
    table = channel_set.c
    statement = select(table.channels, table.members).where(table.members > 0).order_by(table.members.desc())
    return [(row[0], int(row[1])) for row in txn.execute(statement)]
