"""What is behind a price gap: each channel's sales at its lowest and highest price, and what was in force."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sync_server.services.importing.context import chain_view
from sync_server.store import catalog, channel_sums, document, masters
from sync_server.store.engine import Store, Txn
from sync_server.store.masters import PriceRow


@dataclass(frozen=True, slots=True)
class Evidence:
    """A sale at a price, and the rows of its store's price list that were in force at its moment.

    Attributes:
        key: workstation/incarnation/number.
        release: the version that it was priced with; None: the document names none.
        rows: published ones; none where the price is no list price (member, timed, label).
    """

    channel: str
    price_minor: int
    key: str
    store_id: str
    occurred_at_ms: int
    release: int | None
    price_list_id: str
    rows: Sequence[PriceRow]


@dataclass(frozen=True, slots=True)
class Gap:
    """One item on one day in one region. `channels`: rows of `channel_price`, the cheapest first."""

    item: catalog.ItemRow | None
    channels: Sequence[Mapping[str, Any]]
    evidence: Sequence[Evidence]


class PriceGap:
    """Reads."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def of(self, region: str | None, place: tuple[str, str, str]) -> Gap:
        """`place`: business day, region, SKU. With `region` of that one alone; anything else is empty."""

        def read(txn: Txn) -> Gap:
            _, where, sku = place
            channels = channel_sums.prices_of(txn, place) if region in (None, where) else []
            item = catalog.items(txn, [sku]).get(sku) if channels else None
            return Gap(item, channels, _evidence(txn, channels, sku))

        return self._store.read(read)


def _evidence(txn: Txn, channels: Sequence[Mapping[str, Any]], sku: str) -> list[Evidence]:
    stores, found = chain_view(txn).stores, []
    lists = sorted({str(store["price_list_id"]) for store in stores.values()}) if channels else []
    dated = masters.prices(txn, [(each, sku) for each in lists])
    for row in channels:
        for minor, key in dict.fromkeys(
            (row[f"{end}_minor"], row[f"{end}_document"]) for end in ("low", "high")
        ):
            workstation_id, incarnation, number = key.split("/")
            head = document.head_of(txn, (workstation_id, int(incarnation), int(number)))
            if head is None:
                continue
            store_id, at_ms, release = head
            price_list = str(stores[store_id]["price_list_id"]) if store_id in stores else ""
            rows = [
                each for each in dated.values() if each.price_list_id == price_list and _holds(each, at_ms)
            ]
            found.append(Evidence(row["channel"], minor, key, store_id, at_ms, release, price_list, rows))
    return found


def _holds(row: PriceRow, at_ms: int) -> bool:
    if row.published_version is None or row.effective_from_ms > at_ms:
        return False
    return row.effective_to_ms is None or at_ms < row.effective_to_ms
