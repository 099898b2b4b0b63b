"""Sums of sales kept up to date: a little of each series at a time, each document once; with them, what

members wait for.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import structlog

from pos_core.clock import Clock
from sync_server.services import campaign_sums, channel_sums, lot_sums, member_months, shopper_orders
from sync_server.services.clock import moment_of
from sync_server.services.importing.context import DEFAULT_ZONE, chain_view
from sync_server.services.told import purses, told
from sync_server.store import sales, shift_sums
from sync_server.store.engine import Store, Txn
from sync_server.store.sales import Sums

DOCUMENTS_AT_ONCE = 1000
SERIES_AT_ONCE = 500
_log = structlog.get_logger("sync_server.services")


class SalesSums:
    """See the module."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def gather(self, parts: int) -> bool:
        """Takes up to so many parts in; False when nothing is left.

        A series that cannot be taken in stops no other; raises what it met when the others are in.
        """
        waiting = self._store.read(lambda txn: sales.behind(txn, SERIES_AT_ONCE))
        done = 0
        trouble: Exception | None = None
        for workstation_id, incarnation, begun, acked in waiting:
            own = (workstation_id, incarnation)
            for after in range(begun, acked, DOCUMENTS_AT_ONCE):
                if done == parts:
                    return True
                last = min(acked, after + DOCUMENTS_AT_ONCE)
                try:
                    self._store.write(partial(self._take, own=own, after=after, last=last))
                except Exception as error:
                    _log.exception("series_not_summed", workstation_id=workstation_id, after=after)
                    trouble = trouble or error
                    break
                done += 1
        late = self._store.read(lambda txn: sales.let_out(txn, DOCUMENTS_AT_ONCE))
        if late:
            self._store.write(lambda txn: self._take_late(txn, late))
        more = self._gather_shifts(parts - done)
        if trouble is not None:
            raise trouble
        return bool(late) or more or len(waiting) == SERIES_AT_ONCE

    def _gather_shifts(self, parts: int) -> bool:
        """Shifts of documents that were summed before there were any; False when nothing is left."""
        waiting = self._store.read(lambda txn: shift_sums.behind(txn, SERIES_AT_ONCE))
        for till, incarnation, begun, upto in waiting:
            for after in range(begun, upto, DOCUMENTS_AT_ONCE):
                if parts <= 0:
                    return True
                last = min(upto, after + DOCUMENTS_AT_ONCE)
                self._store.write(partial(shift_sums.gather, own=(till, incarnation), after=after, last=last))
                parts -= 1
        return False

    def _take(self, txn: Txn, *, own: tuple[str, int], after: int, last: int) -> None:
        if sales.gathered_number(txn, own) != after:
            return  # another process was quicker
        _sum(txn, own, after, last)
        shopper_orders.gather(txn, own, (after, last), self._clock.now_ms())
        sales.gathered(txn, own, last, self._clock.now_ms())

    def _take_late(self, txn: Txn, places: list[sales.Place]) -> None:
        fresh = set(sales.let_out(txn, DOCUMENTS_AT_ONCE))
        for workstation_id, incarnation, number in places:
            if (workstation_id, incarnation, number) in fresh:
                own, span = (workstation_id, incarnation), (number - 1, number)
                _sum(txn, own, *span)
                shopper_orders.gather(txn, own, span, self._clock.now_ms())
        sales.late_gathered(txn, sorted(fresh & set(places)))


def _sum(txn: Txn, own: tuple[str, int], after: int, last: int) -> None:
    """Adds what a part of a series says."""
    shift_sums.gather(txn, own, after, last)
    stores = chain_view(txn).stores
    part = list(told(txn, own, after, last))
    listed = _trades(txn, own, (after, last), stores, purses(part))
    if not part:
        return
    regions = {name: str(row["region"]) for name, row in stores.items()}
    channel_sums.gather(txn, part, listed, regions)
    channel_sums.gather_prices(txn, part, regions)
    member_months.gather(txn, part)
    lot_sums.gather(txn, own, part, regions)


def _trades(
    txn: Txn,
    own: tuple[str, int],
    span: tuple[int, int],
    stores: Mapping[str, Any],
    aside: Collection[tuple[int, int]],
) -> dict[int, tuple[int, int]]:
    """Adds sales and returns by their rows but for lines that are set `aside`; number → list and net."""
    after, last = span
    found = {row[0]: row for row in sales.transactions(txn, own, after, last)}
    listed: dict[int, tuple[int, int]] = defaultdict(lambda: (0, 0))
    if not found:
        return listed
    hours: Sums = defaultdict(lambda: [0] * len(sales.HOUR_FIGURES))
    items: Sums = defaultdict(lambda: [0] * len(sales.ITEM_FIGURES))
    seen: dict[str, tuple[str, str, int]] = {}
    worth: dict[int, campaign_sums.Worth] = defaultdict(lambda: (0, 0, 0))
    places: dict[int, tuple[Any, ...]] = {}
    zones = {name: ZoneInfo(row["time_zone"] or DEFAULT_ZONE) for name, row in stores.items()}
    for number, store_id, day, kind, member_id, at_ms, _ in found.values():
        zone = zones.get(store_id) or ZoneInfo(DEFAULT_ZONE)
        hour = moment_of(at_ms, zone).hour
        place = places[number] = (day, store_id, hour)
        is_sale = kind == "sale"
        hours[place][0 if is_sale else 1] += 1
        if member_id is not None and is_sale:
            hours[place][6] += 1
            first, last_day, count = seen.get(member_id, (day, day, 0))
            seen[member_id] = (min(first, day), max(last_day, day), count + 1)
    lines = sales.lines(txn, own, after, last)
    for number, line_no, sku, quantity, full, net, cost in lines:
        if number not in found:
            continue
        if (number, line_no) in aside:
            continue
        _, _, day, kind, member_id, _, _ = found[number]
        sign = 1 if kind == "sale" else -1
        figures = [sign * full, sign * net, 0, 0]
        if cost is not None:
            figures[2:] = [sign * net, sign * ((quantity * cost + 500) // 1000)]
        listed[number] = (listed[number][0] + full, listed[number][1] + net)
        net_of, costed_of, cost_of = worth[number]
        costed, known_cost = figures[2] * sign, figures[3] * sign
        worth[number] = (net_of + net, costed_of + costed, cost_of + known_cost)
        at = hours[places[number]]
        at[2:6] = [a + b for a, b in zip(at[2:6], figures, strict=True)]
        if member_id is not None:
            at[7] += sign * net
        of = items[day, sku]
        of[:] = [a + b for a, b in zip(of, [sign * quantity, *figures], strict=True)]
    for number, minor in _beyond_lines(found, lines).items():
        listed[number] = (listed[number][0] + minor, listed[number][1] + minor)
        _add_beyond(found[number], minor, hours[places[number]])
    sales.add_hours(txn, hours)
    sales.add_items(txn, items)
    sales.add_members(txn, seen)
    campaign_sums.gather(txn, own, span, found, worth)
    return listed


def _beyond_lines(found: Mapping[int, Any], lines: Sequence[Any]) -> dict[int, int]:
    """Number → what of its total stands in no line: cash rounding, and tax where prices exclude it."""
    rest = {number: row[6] for number, row in found.items()}
    for number, *_, net, _ in lines:
        if number in rest:
            rest[number] -= net
    return {number: minor for number, minor in rest.items() if minor}


def _add_beyond(trade: Any, minor: int, sums: list[int]) -> None:
    """It is no discount: list and net have it alike."""
    signed = minor if trade[3] == "sale" else -minor
    sums[2] += signed
    sums[3] += signed
    if trade[4] is not None:
        sums[7] += signed
