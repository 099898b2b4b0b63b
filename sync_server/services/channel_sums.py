"""Sums by channel, gathered with those of sales: who buys where, and where points and coupons are used.

A member's home channel is the one in which head office first saw him buy. What he does in another one is
cross-channel.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence

from sync_server.services.told import Told
from sync_server.store import channel_sums, sums
from sync_server.store.engine import Txn
from sync_server.store.schema.channel_sums import (
    CHANNEL_FIGURES,
    channel_home,
    channel_set,
    channel_store,
    member_channels,
)

_EARNED = ("earned", "clawed_back")
_SPENT = ("spent", "given_back")


def gather(
    txn: Txn, part: Sequence[Told], listed: dict[int, tuple[int, int]], regions: Mapping[str, str]
) -> None:
    """`listed`: number → list and net of the document, positive for returns too."""
    trades = [each for each in part if each.type in ("sale", "return")]
    homes = _homes(txn, trades)
    stores: dict[tuple[str, ...], list[int]] = defaultdict(lambda: [0] * len(CHANNEL_FIGURES))
    among: dict[tuple[str, ...], list[int]] = defaultdict(lambda: [0] * len(CHANNEL_FIGURES))
    for each in trades:
        body, sold = each.body, each.type == "sale"
        sign = 1 if sold else -1
        full, net = listed.get(each.number, (0, 0))
        earned = sum(move.points for move in body.points_movements if move.reason in _EARNED)
        spent = -sum(move.points for move in body.points_movements if move.reason in _SPENT)
        coupons = [use.amount_minor for use in body.coupon_uses]
        home = "" if body.member_id is None else homes.get(body.member_id, body.channel)
        region = regions.get(each.store_id, "")
        figures = (sold, not sold, sign * full, sign * net, earned, spent, sign * len(coupons))
        for place, figure in enumerate((*figures, sign * sum(coupons))):
            stores[each.business_day, each.store_id, body.channel][place] += figure
            among[each.business_day, region, body.channel, home][place] += figure
    sums.add(txn, channel_store, stores, 3)
    sums.add(txn, channel_home, among, 4)


def _homes(txn: Txn, trades: Sequence[Told]) -> dict[str, str]:
    """Home channels; members and the sets of channels they buy in are kept on the way."""
    bought: dict[str, list[str]] = defaultdict(list)
    every = set()
    for each in trades:
        if each.body.member_id is not None:
            every.add(each.body.member_id)
            if each.type == "sale":
                bought[each.body.member_id].append(each.body.channel)
    known = sums.by_key(txn, member_channels, [(name,) for name in sorted(every)], 1)
    homes, rows = {}, []
    moved: dict[tuple[str, ...], list[int]] = defaultdict(lambda: [0])
    for member_id in sorted(every):
        before = known.get((member_id,))
        had = [] if before is None else json.loads(before[1])
        now = sorted({*had, *bought.get(member_id, ())})
        if before is not None:
            homes[member_id] = before[0]
        elif bought.get(member_id):
            homes[member_id] = bought[member_id][0]
        if now != had:
            rows.append((member_id, homes[member_id], json.dumps(now)))
            moved[json.dumps(now),][0] += 1
            if had:
                moved[json.dumps(had),][0] -= 1
    txn.insert_many(member_channels, rows, on_conflict="replace")
    sums.add(txn, channel_set, moved, 1)
    return homes


def gather_prices(txn: Txn, part: Sequence[Told], regions: Mapping[str, str]) -> None:
    """Lowest and highest price of an item's day in each channel, and the days on which channels differ."""
    found: dict[tuple[str, ...], channel_sums.Price] = {}
    for each in part:
        if each.type != "sale":
            continue
        region = regions.get(each.store_id, "")
        for line in each.body.lines:
            if line.quantity_milli > 0 and not line.kind:
                key = (each.business_day, region, line.sku, each.body.channel)
                minor = line.unit_price_minor
                price = (minor, each.key, minor, each.key, line.quantity_milli)
                found[key] = channel_sums.wider(found.get(key), price)
    if found:
        channel_sums.put_prices(txn, found)
