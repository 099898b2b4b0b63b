"""Sums of sales kept up to date: a little of each series at a time, each document once."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from pos_core.clock import Clock
from sync_server.services import campaign_sums
from sync_server.services.importing.context import DEFAULT_ZONE, chain_view
from sync_server.store import sales
from sync_server.store.engine import Store, Txn
from sync_server.store.sales import Sums

DOCUMENTS_AT_ONCE = 1000
SERIES_AT_ONCE = 500


class SalesSums:
    """See the module."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def gather(self, parts: int) -> bool:
        """Takes up to so many parts in; False when nothing is left."""
        waiting = self._store.read(lambda txn: sales.behind(txn, SERIES_AT_ONCE))
        done = 0
        for workstation_id, incarnation, begun, acked in waiting:
            own = (workstation_id, incarnation)
            for after in range(begun, acked, DOCUMENTS_AT_ONCE):
                if done == parts:
                    return True
                last = min(acked, after + DOCUMENTS_AT_ONCE)
                self._store.write(partial(self._take, own=own, after=after, last=last))
                done += 1
        late = self._store.read(lambda txn: sales.let_out(txn, DOCUMENTS_AT_ONCE))
        if late:
            self._store.write(lambda txn: self._take_late(txn, late))
        return bool(late) or len(waiting) == SERIES_AT_ONCE

    def _take(self, txn: Txn, *, own: tuple[str, int], after: int, last: int) -> None:
        if sales.gathered_number(txn, own) != after:
            return  # another process was quicker
        _sum(txn, own, after, last)
        sales.gathered(txn, own, last, self._clock.now_ms())

    def _take_late(self, txn: Txn, places: list[sales.Place]) -> None:
        fresh = set(sales.let_out(txn, DOCUMENTS_AT_ONCE))
        for workstation_id, incarnation, number in places:
            if (workstation_id, incarnation, number) in fresh:
                _sum(txn, (workstation_id, incarnation), number - 1, number)
        sales.late_gathered(txn, sorted(fresh & set(places)))


def _sum(txn: Txn, own: tuple[str, int], after: int, last: int) -> None:
    """Adds the sales and returns of a part of a series."""
    found = {row[0]: row for row in sales.transactions(txn, own, after, last)}
    if not found:
        return
    hours: Sums = defaultdict(lambda: [0] * len(sales.HOUR_FIGURES))
    items: Sums = defaultdict(lambda: [0] * len(sales.ITEM_FIGURES))
    seen: dict[str, tuple[str, str, int]] = {}
    worth: dict[int, campaign_sums.Worth] = defaultdict(lambda: (0, 0, 0))
    places: dict[int, tuple[Any, ...]] = {}
    zones = {name: ZoneInfo(row["time_zone"] or DEFAULT_ZONE) for name, row in chain_view(txn).stores.items()}
    for number, store_id, day, kind, member_id, at_ms in found.values():
        zone = zones.get(store_id) or ZoneInfo(DEFAULT_ZONE)
        hour = datetime.fromtimestamp(at_ms / 1000, UTC).astimezone(zone).hour
        place = places[number] = (day, store_id, hour)
        is_sale = kind == "sale"
        hours[place][0 if is_sale else 1] += 1
        if member_id is not None and is_sale:
            hours[place][6] += 1
            first, last_day, count = seen.get(member_id, (day, day, 0))
            seen[member_id] = (min(first, day), max(last_day, day), count + 1)
    for number, sku, quantity, full, net, cost in sales.lines(txn, own, after, last):
        if number not in found:
            continue
        _, _, day, kind, member_id, _ = found[number]
        sign = 1 if kind == "sale" else -1
        figures = [sign * full, sign * net, 0, 0]
        if cost is not None:
            figures[2:] = [sign * net, sign * ((quantity * cost + 500) // 1000)]
        net_of, costed_of, cost_of = worth[number]
        costed, known_cost = figures[2] * sign, figures[3] * sign
        worth[number] = (net_of + net, costed_of + costed, cost_of + known_cost)
        at = hours[places[number]]
        at[2:6] = [a + b for a, b in zip(at[2:6], figures, strict=True)]
        if member_id is not None:
            at[7] += sign * net
        of = items[day, sku]
        of[:] = [a + b for a, b in zip(of, [sign * quantity, *figures], strict=True)]
    sales.add_hours(txn, hours)
    sales.add_items(txn, items)
    sales.add_members(txn, seen)
    campaign_sums.gather(txn, own, (after, last), found, worth)
