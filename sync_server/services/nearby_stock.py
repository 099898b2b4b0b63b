"""Stock of the stores around, packed for workstations that are off the network. docs/stock.md.

What is packed is free to others: on hand less what is put aside for shoppers.

One row an item and region, two bits a place; a row is written only when a step in it changed. A place keeps
its position for good, so that rows of two runs may lie side by side; the row of places comes last and says
since when the others are true. One process does this at a time (jobs/stock.py).
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from pos_core.canonical import canonical_bytes
from pos_core.catalog.store import Store as StorePlace
from pos_core.clock import Clock
from pos_core.stock.nearby import LEAST_OF_STEP, pack_steps, step_of
from sync_server.services.neighbourhoods import Neighbourhoods, places_by_region
from sync_server.store import feed, masters, reserved, stock, workstation
from sync_server.store.engine import Store, Txn

ITEMS_AT_ONCE = 200
ENDED_KEPT_MS = 7 * 24 * 60 * 60_000
"""So long a reservation that nobody came for keeps its row, for a refresh that was down meanwhile."""
_STORE_SCOPE = "store:"


@dataclass(frozen=True, slots=True)
class Refreshed:
    """What a run did: items looked at, rows that changed; `whole`: it looked at all items.

    `finished` is False when it was given up: what it wrote stands, and the next run begins anew.
    """

    items: int
    changed: int
    whole: bool
    finished: bool


@dataclass(frozen=True, slots=True)
class _Plan:
    """`positions`: region → its places in the order of their positions; `items`: None is all of them."""

    heads: Mapping[str, int]
    positions: Mapping[str, Sequence[str]]
    heard: Mapping[str, int]
    items: Sequence[str] | None


class NearbyStock:
    """Call `refresh` on one thread."""

    def __init__(self, store: Store, clock: Clock, neighbourhoods: Neighbourhoods) -> None:
        self._store = store
        self._clock = clock
        self._neighbourhoods = neighbourhoods
        self._heads: Mapping[str, int] | None = None
        self._looked_at_ms = 0
        self._places: tuple[tuple[StorePlace, ...], dict[str, set[str]]] = ((), {})

    def refresh(self, keep_going: Callable[[], bool] = lambda: True) -> Refreshed:
        """Bring every region's rows up to what was folded when this began.

        Looks at what moved since the last run; at everything in a process's first, and when a place is new.
        """
        started_ms = self._clock.now_ms()
        plan = self._store.read(lambda txn: self._plan(txn, started_ms))
        at: dict[str, list[tuple[str, int]]] = defaultdict(list)
        for region, places in plan.positions.items():
            for position, store_id in enumerate(places):
                at[store_id].append((region, position))
        items = changed = 0
        for skus in self._parts(plan.items):
            if not keep_going():
                return Refreshed(items, changed, plan.items is None, finished=False)
            items += len(skus)
            changed += self._pack(skus, plan.positions, at, started_ms)
        self._store.write(lambda txn: _end(txn, plan, started_ms))
        self._heads, self._looked_at_ms = plan.heads, started_ms
        return Refreshed(items, changed, plan.items is None, finished=True)

    def _plan(self, txn: Txn, now_ms: int) -> _Plan:
        every = feed.scope_heads(txn)
        heads = {scope: head for scope, head in every.items() if scope.startswith(_STORE_SCOPE)}
        positions: dict[str, list[str]] = {}
        grown = False
        for region, wanted in self._wanted(txn).items():
            row = feed.row_by_key(txn, "nearby_places", _scope(region), [region])
            known = [] if row is None else [each[0] for each in json.loads(row[2])]
            fresh = sorted(wanted.difference(known))
            grown = grown or bool(fresh)
            positions[region] = [*known, *fresh]
        moved: list[str] | None = None
        if not grown and self._heads is not None:
            ended = reserved.ended_between(txn, self._looked_at_ms, now_ms)
            moved = sorted({*_moved(txn, self._heads, heads), *ended})
        return _Plan(heads, positions, workstation.last_heard(txn), moved)

    def _wanted(self, txn: Txn) -> dict[str, set[str]]:
        stores = self._neighbourhoods.stores(txn)
        if stores is not self._places[0]:
            self._places = (stores, places_by_region(stores))
        return self._places[1]

    def _parts(self, items: Sequence[str] | None) -> Iterator[Sequence[str]]:
        if items is not None:
            for start in range(0, len(items), ITEMS_AT_ONCE):
                yield items[start : start + ITEMS_AT_ONCE]
            return
        part = self._after("")
        while part:
            yield part
            part = self._after(part[-1])

    def _after(self, sku: str) -> list[str]:
        return self._store.read(lambda txn: stock.skus_after(txn, sku, ITEMS_AT_ONCE))

    def _pack(
        self,
        skus: Sequence[str],
        regions: Iterable[str],
        at: Mapping[str, Sequence[tuple[str, int]]],
        now_ms: int,
    ) -> int:
        changes = self._store.read(lambda txn: _changes(txn, skus, regions, at, now_ms))
        if not changes:
            return 0

        def write(txn: Txn) -> None:
            for region, rows in changes.items():
                living = [[sku, text] for sku, text in rows if text]
                gone = [[sku] for sku, text in rows if not text]
                feed.put_rows(txn, "nearby_stock", _scope(region), living, gone)

        self._store.write(write)
        return sum(len(rows) for rows in changes.values())


def _moved(txn: Txn, before: Mapping[str, int], now: Mapping[str, int]) -> set[str]:
    """Items whose stock changed at any store, or of which something was put aside or let go."""
    skus: set[str] = set()
    for scope, head in now.items():
        since = before.get(scope, 0)
        if head > since:
            skus.update(key[0] for key in feed.keys_after(txn, "stock_on_hand", scope, since))
            changed = list(feed.keys_after(txn, "reservation", scope, since))
            for row in masters.feed_rows_by_key(txn, "reservation", scope, changed).values():
                skus.update(sku for step in json.loads(row[1])["steps"].values() for sku in step[4])
    return skus


def _changes(
    txn: Txn,
    skus: Sequence[str],
    regions: Iterable[str],
    at: Mapping[str, Sequence[tuple[str, int]]],
    now_ms: int,
) -> dict[str, list[tuple[str, str]]]:
    """Region → items whose text is another than before; "" where nothing is left."""
    steps: dict[tuple[str, str], dict[int, int]] = defaultdict(dict)
    held = reserved.of_items(txn, skus, now_ms)
    for sku, store_id, milli in stock.with_at_least(txn, skus, LEAST_OF_STEP[1] * 1000):
        step = step_of(milli - held.get((sku, store_id), 0))
        for region, position in at.get(store_id, ()) if step else ():
            steps[region, sku][position] = step
    changes: dict[str, list[tuple[str, str]]] = {}
    for region in regions:
        known = masters.feed_rows_by_key(txn, "nearby_stock", _scope(region), [[sku] for sku in skus])
        before = {sku: row[1] for sku, row in known.items()}
        texts = {sku: pack_steps(steps.get((region, sku), {})) for sku in skus}
        found = [(sku, text) for sku, text in texts.items() if text != before.get(sku, "")]
        if found:
            changes[region] = found
    return changes


def _end(txn: Txn, plan: _Plan, now_ms: int) -> None:
    _say_places(txn, plan, now_ms)
    reserved.forget_ended(txn, now_ms - ENDED_KEPT_MS)


def _say_places(txn: Txn, plan: _Plan, worked_out_at_ms: int) -> None:
    for region, places in plan.positions.items():
        text = canonical_bytes([[each, plan.heard.get(each)] for each in places]).decode()
        feed.put_rows(txn, "nearby_places", _scope(region), [[region, worked_out_at_ms, text]])


def _scope(region: str) -> str:
    return f"region:{region}"
