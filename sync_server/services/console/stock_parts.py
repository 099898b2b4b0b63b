"""What figures of the chain's stock are made of: items, transfers on their way, and an item's movements."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pos_core.sync.stock_messages import MovementPlace, MovementRow
from sync_server.services.console.documents import stores_in
from sync_server.store import balancing, catalog, stock_card
from sync_server.store.balancing import NotableRow, TransitRow
from sync_server.store.catalog import ItemRow
from sync_server.store.engine import Store, Txn

ROWS_MAX = 300
MOVEMENTS_SHOWN = 200
WHAT = ("value", "out", "over", "coming")


@dataclass(frozen=True, slots=True)
class Parts:
    """`items` those that make most of the figure; of `coming` instead the transfers under way."""

    items: Sequence[NotableRow]
    transit: Sequence[TransitRow]
    names: Mapping[str, ItemRow]
    stores: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Card:
    """Movements and counts of an item at a store, the newest first; `older` None: that was all."""

    item: ItemRow | None
    rows: Sequence[MovementRow]
    older: MovementPlace | None


class StockParts:
    """Reads; with `region` its stores alone."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def of(self, region: str | None, what: str, store_id: str = "") -> Parts:
        """Of one store, or of all that the person sees."""

        def read(txn: Txn) -> Parts:
            there = stores_in(txn, region)
            wanted = {store_id} & there if store_id else there
            rows = [] if what == "coming" else balancing.notable(txn, what, wanted, ROWS_MAX)
            coming = balancing.transit_to(txn, wanted, ROWS_MAX) if what == "coming" else []
            names = catalog.items(txn, sorted({row.sku for row in rows} | {row.sku for row in coming}))
            sources = {row.from_store: row.from_store if row.from_store in there else "–" for row in coming}
            return Parts(rows, coming, names, sources)

        return self._store.read(read)

    def card(self, region: str | None, sku: str, store_id: str, before: MovementPlace | None) -> Card:
        """A page of an item's movements at a store; of a store of another region nothing."""

        def read(txn: Txn) -> Card:
            item = catalog.items(txn, [sku]).get(sku)
            if store_id not in stores_in(txn, region):
                return Card(item, [], None)
            rows: list[Any] = stock_card.page(txn, store_id, sku, before, MOVEMENTS_SHOWN)
            return Card(item, rows, rows[-1].place if len(rows) == MOVEMENTS_SHOWN else None)

        return self._store.read(read)
