"""Which stores lie around which: worked out once, and again when the chain's reference data changes."""

from __future__ import annotations

import threading
from collections.abc import Sequence

from pos_core.catalog.store import Store as StorePlace
from pos_core.stock.nearby import Neighbour, neighbours_of
from sync_server.store import chain_state, feed
from sync_server.store.engine import Txn

Point = tuple[str, int]


class Neighbourhoods:
    """Any thread may ask."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._point: Point | None = None
        self._stores: tuple[StorePlace, ...] = ()
        self._around: dict[str, list[Neighbour]] = {}

    def stores(self, txn: Txn) -> tuple[StorePlace, ...]:
        """Every store and warehouse of the chain; the same object while none changed."""
        point = (chain_state.epoch(txn), feed.scope_head(txn, "chain"))
        with self._lock:
            if point == self._point:
                return self._stores
        found = tuple(StorePlace.from_row(row) for row in feed.rows_of(txn, "store", "chain"))
        with self._lock:
            if found != self._stores:
                self._stores, self._around = found, {}
            self._point = point
            return self._stores

    def around(self, txn: Txn, store_id: str) -> list[Neighbour]:
        """The neighbours of a store, nearest first; none of one that is not (or no longer) there."""
        stores = self.stores(txn)
        with self._lock:
            known = self._around.get(store_id) if stores is self._stores else None
        if known is not None:
            return known
        here = next((each for each in stores if each.store_id == store_id), None)
        found = [] if here is None else neighbours_of(here, stores)
        with self._lock:
            if stores is self._stores:
                self._around[store_id] = found
        return found


def places_by_region(stores: Sequence[StorePlace]) -> dict[str, set[str]]:
    """Region → every place that any of its stores may ask about: themselves and all neighbours of each."""
    places: dict[str, set[str]] = {}
    for here in stores:
        around = places.setdefault(here.region, set())
        around.add(here.store_id)
        around.update(each.store.store_id for each in neighbours_of(here, stores))
    places.pop("", None)
    return places
