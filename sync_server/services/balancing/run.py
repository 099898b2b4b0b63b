"""Works out the stock of the chain and suggests transfers; in a process of its own, for it loads numpy."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from heapq import nsmallest
from typing import Any
from zoneinfo import ZoneInfo

from pos_core.catalog.store import Store as StorePlace
from pos_core.clock import Clock
from pos_core.errors import InvalidInput
from pos_core.stock.nearby import distance_m
from pos_core.stock.transfer import view_of
from sync_server.services.balancing.solve import Key, Need, Surplus, Trip, gap_ppm, solve
from sync_server.services.balancing.terms import TransferTerms, parse_transfer_terms
from sync_server.services.identity import new_id
from sync_server.store import balancing, feed
from sync_server.store.balancing import NotableRow, SuggestionRow, SummaryRow, TransitRow
from sync_server.store.engine import Store, Txn

MILLI = 1000
NET_DAYS = 28
NOTABLE_MAX = 100
"""Items that a store's figure is opened to: those that make most of it."""
MARGIN_PPM = 200_000
"""Of an item that was never sold: so much of its cost is taken for its margin."""


@dataclass(frozen=True, slots=True)
class Done:
    """Places looked at, suggestions made and what they save in all, minor units.

    `gap_ppm`: no plan would save more than by this part.
    """

    places: int
    suggestions: int
    saving_minor: int
    gap_ppm: int


@dataclass(slots=True)
class _Place:
    summary: SummaryRow
    needs: dict[str, Need]
    surpluses: dict[str, Surplus]
    parts: dict[str, list[tuple[int, str, int, int]]] = field(default_factory=lambda: defaultdict(list))
    """Figure → amount, SKU, on hand and sold in a day of the items that it is made of."""

    def take_notable(self) -> list[NotableRow]:
        """The items that make most of each figure; the others are let go."""
        rows: list[NotableRow] = []
        for what, parts in self.parts.items():
            most = nsmallest(NOTABLE_MAX, parts, key=lambda part: (-part[0], part[1]))
            for place, (amount, sku, milli, daily) in enumerate(most):
                rows.append(NotableRow(self.summary.store_id, what, place, sku, milli, daily, amount))
        self.parts.clear()
        return rows


@dataclass(frozen=True, slots=True)
class _Item:
    """One item at one place. `row`: of `replenishment`; `unit_net`: what one brought lately, minor units."""

    sku: str
    milli: int
    cost: int
    row: Sequence[Any] | None
    unit_net: int

    @property
    def daily(self) -> int:
        """Thousandths that are expected to sell in a day."""
        if self.row is None:
            return 0
        week: list[int] = json.loads(self.row[1]) if isinstance(self.row[1], str) else self.row[1]
        return sum(week) // 7

    @property
    def safety(self) -> int:
        """Thousandths that are kept for surprises."""
        return int(self.row[2]) if self.row else 0

    @property
    def supply_days(self) -> int:
        """Until the place's own supply comes."""
        return int(self.row[5]) + int(self.row[6]) if self.row else 0


class Balancing:
    """One process does this at a time; it may be ended at any moment and begun again."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def run(self) -> Done:
        """All places. What makes most of a place's figures is replaced with the place, the rest at the end.

        Of no place more is kept than what can be sent from or to it.
        """
        now = self._clock.now_ms()
        places, terms = self._store.read(_reference)
        transit = self._store.read(lambda txn: _transit(txn, places))
        coming: dict[Key, int] = defaultdict(int)
        for row in transit:
            coming[row.to_store, row.sku] += row.quantity_milli
        found: dict[str, _Place] = {}
        for place in places:
            look = partial(_look, place=place, terms=terms, coming=coming, now_ms=now)
            made = found[place.store_id] = self._store.read(look)
            rows_of = partial(balancing.put_notable, store_id=place.store_id, rows=made.take_notable())
            self._store.write(rows_of)
        trips, bound = _by_region(places, found, terms)
        rows = [
            SuggestionRow(
                new_id(self._clock),
                now,
                trip.from_store,
                trip.to_store,
                json.dumps([asdict(move) for move in trip.moves]),
                trip.distance_m,
                trip.lead_days,
                trip.saving_minor,
                trip.transport_minor,
            )
            for trip in trips
        ]

        def write(txn: Txn) -> None:
            balancing.put_stock(txn, [each.summary for each in found.values()], transit)
            balancing.replace_open(txn, rows)

        self._store.write(write)
        saving = sum(trip.saving_minor for trip in trips)
        return Done(len(places), len(rows), saving, gap_ppm(saving, bound))


def _reference(txn: Txn) -> tuple[list[StorePlace], TransferTerms]:
    places = [StorePlace.from_row(row) for row in feed.rows_of(txn, "store", "chain")]
    try:
        return places, parse_transfer_terms(feed.policy(txn, "transfers"))
    except InvalidInput:
        return places, TransferTerms()


def _transit(txn: Txn, places: Sequence[StorePlace]) -> list[TransitRow]:
    """Shipped and not received, each transfer once though both ends have its row."""
    found: dict[tuple[str, str], TransitRow] = {}
    for place in places:
        for transfer_id, text in feed.rows_of(txn, "transfer", f"store:{place.store_id}"):
            state = json.loads(text) if isinstance(text, str) else text
            view = view_of(transfer_id, state["steps"])
            for sku, milli in view.in_transit.items():
                row = TransitRow(sku, transfer_id, view.from_store, view.to_store, milli)
                found[sku, transfer_id] = row
    return list(found.values())


def _look(
    txn: Txn, *, place: StorePlace, terms: TransferTerms, coming: Mapping[Key, int], now_ms: int
) -> _Place:
    """One place's figures, what it would lose and what it has too much of."""
    here = place.store_id
    today = datetime.fromtimestamp(now_ms / 1000, UTC).astimezone(ZoneInfo(place.time_zone)).date()
    sold = balancing.net_of(txn, here, (today - timedelta(days=NET_DAYS)).isoformat())
    expected = {row[0]: row for row in feed.rows_of(txn, "replenishment", f"store:{here}")}
    stock = {sku: (milli, cost) for sku, milli, cost in balancing.on_hand(txn, here)}
    arriving = sum(each for (store_id, _), each in coming.items() if store_id == here)
    made = _Place(SummaryRow(here, now_ms, coming_milli=arriving), {}, {})
    for sku in sorted(stock.keys() | expected.keys()):
        milli, cost = stock.get(sku, (0, None))
        quantity, net = sold.get(sku, (0, 0))
        item = _Item(sku, milli, cost or 0, expected.get(sku), net * MILLI // quantity if quantity > 0 else 0)
        _count(made, item, terms)
        _need(made, item, max(0, milli) + coming.get((here, sku), 0))
    return made


def _count(made: _Place, item: _Item, terms: TransferTerms) -> None:
    """Into the place's figures, and what it has beyond its cover."""
    was, milli, daily = made.summary, item.milli, item.daily
    is_out = milli <= 0 < daily
    over = max(0, milli - daily * terms.cover_days_max - item.safety) if milli > 0 else 0
    amounts = {
        "value": max(0, milli) * item.cost // MILLI,
        "out": daily * item.unit_net // MILLI if is_out else 0,
        "over": over * item.cost // MILLI,
    }
    made.summary = replace(
        was,
        items=was.items + (milli > 0),
        value_minor=was.value_minor + amounts["value"],
        out_items=was.out_items + is_out,
        lost_minor=was.lost_minor + amounts["out"],
        over_items=was.over_items + (over > 0),
        over_minor=was.over_minor + amounts["over"],
    )
    for what, there in (("value", milli > 0), ("out", is_out), ("over", over > 0)):
        if there:
            made.parts[what].append((amounts[what], item.sku, milli, daily))
    if over // MILLI:
        made.surpluses[item.sku] = Surplus(over // MILLI, item.cost)


def _need(made: _Place, item: _Item, there_milli: int) -> None:
    """Whole units that will be asked for before the place's own supply comes, and are not there."""
    units = (item.daily * item.supply_days - there_milli) // MILLI
    worth = item.unit_net - item.cost if item.unit_net else item.cost * MARGIN_PPM // 1_000_000
    if units > 0 and worth > 0:
        made.needs[item.sku] = Need(units, worth, item.supply_days)


def _by_region(
    places: Sequence[StorePlace], found: Mapping[str, _Place], terms: TransferTerms
) -> tuple[list[Trip], int]:
    """Region after region as where goods go to; what one has taken is no longer there for the next.

    With what no plan exceeds, region by region.
    """
    left = {(name, sku): each for name, place in found.items() for sku, each in place.surpluses.items()}
    trips: list[Trip] = []
    bound = 0
    for region in sorted({place.region for place in places}):
        targets = [place for place in places if place.region == region]
        needs = {
            (place.store_id, sku): need
            for place in targets
            for sku, need in found[place.store_id].needs.items()
        }
        lanes = {
            (source.store_id, target.store_id): far
            for target in targets
            for source in places
            if source is not target
            and (far := distance_m(source, target)) is not None
            and far <= terms.distance_max_m
        }
        made = solve(needs, left, lanes, terms)
        bound += made.bound_minor
        for trip in made.trips:
            for move in trip.moves:
                key = (trip.from_store, move.sku)
                left[key] = replace(left[key], units=left[key].units - move.units)
        left = {key: each for key, each in left.items() if each.units > 0}
        trips += made.trips
    return sorted(trips, key=lambda trip: -trip.saving_minor), bound
