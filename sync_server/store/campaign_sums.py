"""Sums of campaigns: added to as documents are gathered, read by the pages of effects."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import BigInteger, cast, delete, func, select, tuple_

from sync_server.store import campaign, sums
from sync_server.store.engine import Txn
from sync_server.store.schema.campaign import campaign_run
from sync_server.store.schema.campaign_sums import (
    FIGURES,
    campaign_day,
    campaign_redeemer,
    campaign_store,
    campaign_total,
    return_waiting,
)
from sync_server.store.schema.tables import document, projected

Place = tuple[str, int, int]
Figures = tuple[int, ...]
"""In the order of `FIGURES`."""
_use = projected["coupon_use"].c
_AT_ONCE = 300


def uses(txn: Txn, own: tuple[str, int], after: int, last: int) -> list[Any]:
    """number, campaign, member, amount of the coupons taken or given back in a part of a series."""
    statement = (
        select(_use.number, _use.campaign_id, _use.member_id, _use.amount_minor)
        .where(
            _use.workstation_id == own[0],
            _use.incarnation == own[1],
            _use.number > after,
            _use.number <= last,
        )
        .order_by(_use.number, _use.use_no)
    )
    return list(txn.execute(statement))


def bodies(txn: Txn, own: tuple[str, int], numbers: Sequence[int]) -> dict[int, bytes]:
    """Documents of a series as they were sent."""
    found: dict[int, bytes] = {}
    for start in range(0, len(numbers), _AT_ONCE):
        statement = select(document.c.number, document.c.data).where(
            document.c.workstation_id == own[0],
            document.c.incarnation == own[1],
            document.c.number.in_(list(numbers[start : start + _AT_ONCE])),
        )
        found |= {row[0]: bytes(row[1]) for row in txn.execute(statement)}
    return found


def campaigns_of(txn: Txn, place: Place) -> tuple[str, str, set[str]] | None:
    """Store, day and campaigns of a sale; None: head office does not have it."""
    key = (document.c.workstation_id, document.c.incarnation, document.c.number)
    head = txn.execute(
        select(document.c.store_id, document.c.business_day).where(tuple_(*key).in_([place]))
    ).one_or_none()
    if head is None:
        return None
    same = tuple_(_use.workstation_id, _use.incarnation, _use.number).in_([place])
    named = {row[0] for row in txn.execute(select(_use.campaign_id).where(same))}
    return head[0], head[1], named


def wait(txn: Txn, rows: Sequence[tuple[Any, ...]]) -> None:
    """Keeps returns until their sales come; see the table."""
    txn.insert_many(return_waiting, rows, on_conflict="ignore")


def take_waiting(txn: Txn, own: tuple[str, int], numbers: Sequence[int]) -> list[Any]:
    """Returns that waited for these sales: number of the sale, net, costed, cost, restored. They go."""
    found: list[Any] = []
    table = return_waiting.c
    for start in range(0, len(numbers), _AT_ONCE):
        where = (
            table.origin_workstation_id == own[0],
            table.origin_incarnation == own[1],
            table.origin_number.in_(list(numbers[start : start + _AT_ONCE])),
        )
        statement = select(
            table.origin_number, table.net_minor, table.costed_net_minor, table.cost_minor, table.restored
        )
        rows = list(txn.execute(statement.where(*where)))
        if rows:
            txn.execute(delete(return_waiting).where(*where))
        found += rows
    return found


def add(
    txn: Txn, figures_by: Mapping[tuple[str, str, str], Figures], redeemed: Mapping[tuple[str, str], int]
) -> None:
    """Adds to (campaign, day, store), and uses to (campaign, member)."""
    days: dict[tuple[str, ...], list[int]] = defaultdict(lambda: [0] * len(FIGURES))
    stores: dict[tuple[str, ...], list[int]] = defaultdict(lambda: [0] * len(FIGURES))
    totals: dict[tuple[str, ...], list[int]] = defaultdict(lambda: [0] * (len(FIGURES) + 1))
    for (campaign_id, day, store_id), figures in figures_by.items():
        for into in (days[campaign_id, day], stores[campaign_id, store_id], totals[campaign_id,]):
            for place, figure in enumerate(figures):
                into[place] += figure
    for campaign_id, more in _redeemers(txn, redeemed).items():
        totals[campaign_id,][-1] += more
    sums.add(txn, campaign_day, days, 2)
    sums.add(txn, campaign_store, stores, 2)
    sums.add(txn, campaign_total, totals, 1)


def totals(
    txn: Txn, campaign_ids: Collection[str], stores: Collection[str] | None
) -> dict[str, dict[str, int]]:
    """`FIGURES` and redeemers of campaigns; with `stores` what was taken there, redeemers unknown."""
    found: dict[str, dict[str, int]] = {}
    if stores is None:
        statement = select(campaign_total).where(campaign_total.c.campaign_id.in_(list(campaign_ids)))
        for row in txn.execute(statement):
            found[row[0]] = {name: int(value) for name, value in list(row._asdict().items())[1:]}
        return found
    table = campaign_store.c
    added = [cast(func.sum(table[name]), BigInteger).label(name) for name in FIGURES]
    grouped = (
        select(table.campaign_id, *added)
        .where(table.campaign_id.in_(list(campaign_ids)), table.store_id.in_(list(stores)))
        .group_by(table.campaign_id)
    )
    for row in txn.execute(grouped):
        found[row[0]] = {name: int(value) for name, value in list(row._asdict().items())[1:]}
    return found


def days(txn: Txn, campaign_id: str) -> list[dict[str, Any]]:
    """A campaign day by day, in order."""
    statement = (
        select(campaign_day)
        .where(campaign_day.c.campaign_id == campaign_id)
        .order_by(campaign_day.c.business_day)
    )
    return [dict(row._mapping) for row in txn.execute(statement)]


def stores(txn: Txn, campaign_id: str) -> list[dict[str, Any]]:
    """A campaign store by store."""
    statement = (
        select(campaign_store)
        .where(campaign_store.c.campaign_id == campaign_id)
        .order_by(campaign_store.c.net_minor.desc(), campaign_store.c.store_id)
    )
    return [dict(row._mapping) for row in txn.execute(statement)]


def reach(txn: Txn, campaign_ids: Collection[str]) -> dict[str, tuple[int, int]]:
    """Issued and held out, as runs counted them."""
    table = campaign_run.c
    statement = (
        select(
            table.campaign_id,
            cast(func.sum(table.issued), BigInteger),
            cast(func.sum(table.held_out), BigInteger),
        )
        .where(table.campaign_id.in_(list(campaign_ids)), table.kind != campaign.COUNT)
        .group_by(table.campaign_id)
    )
    return {row[0]: (int(row[1]), int(row[2])) for row in txn.execute(statement)}


def _redeemers(txn: Txn, redeemed: Mapping[tuple[str, str], int]) -> dict[str, int]:
    """Adds uses; campaign → how many members have one now and had none, less those the other way."""
    places, more = sorted(redeemed), defaultdict[str, int](int)
    keys = (campaign_redeemer.c.campaign_id, campaign_redeemer.c.member_id)
    for start in range(0, len(places), _AT_ONCE):
        part = places[start : start + _AT_ONCE]
        statement = select(campaign_redeemer).where(tuple_(*keys).in_(part))
        before = {(row[0], row[1]): int(row[2]) for row in txn.execute(statement)}
        rows = []
        for place in part:
            had = before.get(place, 0)
            now = had + redeemed[place]
            more[place[0]] += (now > 0) - (had > 0)
            rows.append((*place, now))
        txn.insert_many(campaign_redeemer, rows, on_conflict="replace")
    return more
