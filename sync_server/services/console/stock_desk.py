"""The chain's stock for the console: places, one item everywhere, suggested transfers and their fate."""

from __future__ import annotations

import dataclasses
import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

from pos_core.clock import Clock
from pos_core.errors import InvalidInput, Refusal
from pos_core.sync.folds.facts import TransferMoved
from pos_core.sync.folds.stamp import Stamp
from sync_server.services.acts import Act
from sync_server.services.console.documents import stores_in
from sync_server.services.importing.context import chain_view
from sync_server.services.shared.folding import Folding
from sync_server.store import balancing, catalog, feed, masters, shelf_sum
from sync_server.store.balancing import SuggestionRow, SummaryRow, TransitRow
from sync_server.store.catalog import ItemFilter, ItemRow
from sync_server.store.engine import Store, Txn

ITEMS_FOUND = 30
SUGGESTIONS_SHOWN = 200
_ALPHABET = "ABCDEFGHJKMNPQRSTVWXYZ23456789"


class NoSuchSuggestion(Refusal):
    """No suggestion of this id is open: it was decided, or worked out anew."""

    code = "no_such_suggestion"


class BadQuantities(InvalidInput):
    """No whole units from 0 to the suggested ones, or none at all."""

    code = "transfer_bad_quantities"


@dataclass(frozen=True, slots=True)
class ItemPlace:
    """An item at one place. Quantities are thousandths; `cover_days` None: nothing is expected to sell."""

    store_id: str
    name: str
    region: str
    latitude_e6: int | None
    longitude_e6: int | None
    on_hand_milli: int
    coming_milli: int
    daily_milli: int
    cover_days: int | None
    value_minor: int


@dataclass(frozen=True, slots=True)
class ItemStock:
    """One item over the places that a person sees."""

    item: ItemRow | None
    places: Sequence[ItemPlace]
    transit: Sequence[TransitRow]


@dataclass(frozen=True, slots=True)
class ShelfPrices:
    """What a store's price checks of the last days found. `last_day` "": there was none."""

    store_id: str
    name: str
    region: str
    checked: int
    wrong: int
    last_day: str


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A suggestion with its lines and the items' names."""

    row: SuggestionRow
    lines: Sequence[Mapping[str, Any]]
    names: Mapping[str, ItemRow]


class StockDesk:
    """Reads what the job worked out; approved suggestions become transfers in the stores."""

    def __init__(self, store: Store, folding: Folding, clock: Clock) -> None:
        self._store = store
        self._folding = folding
        self._clock = clock

    def places(self, region: str | None) -> tuple[list[tuple[SummaryRow, dict[str, Any]]], int | None]:
        """Stores and warehouses with their figures, and when those were worked out."""

        def read(txn: Txn) -> tuple[list[tuple[SummaryRow, dict[str, Any]]], int | None]:
            known, there = chain_view(txn).stores, stores_in(txn, region)
            rows = [row for row in balancing.summaries(txn) if row.store_id in there]
            return [(row, known[row.store_id]) for row in rows], balancing.worked_out_at_ms(txn)

        return self._store.read(read)

    def find(self, text: str) -> list[ItemRow]:
        """Items by words of their name or their SKU."""
        wanted = ItemFilter(text)
        return self._store.read(lambda txn: catalog.page(txn, wanted, offset=0, limit=ITEMS_FOUND))

    def item(self, region: str | None, sku: str) -> ItemStock:
        """On hand now; on its way and expected as last worked out."""

        def read(txn: Txn) -> ItemStock:
            known, there = chain_view(txn).stores, stores_in(txn, region)
            transit = [
                _seen(row, there)
                for row in balancing.transit_of(txn, sku)
                if {row.from_store, row.to_store} & there
            ]
            cost = masters.costs(txn, [sku]).get(sku, 0)
            stock = {row["store_id"]: row["on_hand_milli"] for row in balancing.of_item(txn, sku)}
            names = sorted(there & (stock.keys() | {row.to_store for row in transit}))
            places = []
            for name in names:
                row, milli = known[name], stock.get(name, 0)
                expected = feed.row_by_key(txn, "replenishment", f"store:{name}", [sku])
                week = [0] if expected is None else _week(expected[1])
                daily = sum(week) // 7
                coming = sum(each.quantity_milli for each in transit if each.to_store == name)
                places.append(
                    ItemPlace(
                        name, row["name"], row["region"], row["latitude_e6"], row["longitude_e6"], milli,
                        coming, daily, max(0, milli) // daily if daily else None,
                        max(0, milli) * cost // 1000,
                    )
                )  # fmt: skip
            return ItemStock(catalog.items(txn, [sku]).get(sku), places, transit)

        return self._store.read(read)

    def shelf_prices(self, region: str | None) -> list[ShelfPrices]:
        """Every store of the days that are kept, the most wrong labels first."""

        def read(txn: Txn) -> list[ShelfPrices]:
            known, there = chain_view(txn).stores, stores_in(txn, region)
            sums = shelf_sum.by_store(txn)
            found = [
                ShelfPrices(name, known[name]["name"], known[name]["region"], *sums.get(name, (0, 0, "")))
                for name in sorted(there)
            ]
            return sorted(found, key=lambda each: (-each.wrong, -each.checked, each.store_id))

        return self._store.read(read)

    def suggestions(self, region: str | None, *, over: bool) -> list[Suggestion]:
        """Open ones, or decided ones; with `region` those of which an end lies there."""
        states = ("approved", "refused") if over else ("open",)

        def read(txn: Txn) -> list[Suggestion]:
            there = stores_in(txn, region)
            rows = balancing.suggestions(txn, states, SUGGESTIONS_SHOWN)
            return [
                _opened(txn, row) for row in rows if region is None or {row.from_store, row.to_store} <= there
            ]

        return self._store.read(read)

    def approve(
        self, act: Act, suggestion_id: str, region: str | None, changed: Mapping[str, int | None]
    ) -> str:
        """A transfer that the sending place finds approved, to pick; returns its id.

        `changed`: SKU → units, where it is not as suggested. Raises NoSuchSuggestion, BadQuantities.
        """
        now = self._clock.now_ms()

        def write(txn: Txn) -> str:
            row = self._open(txn, suggestion_id, region)
            lines = {}
            for line in json.loads(row.lines):
                units = changed.get(line["sku"])
                units = line["units"] if units is None else units
                if not 0 <= units <= line["units"]:
                    raise BadQuantities("from none to what was suggested", field=line["sku"])
                if units:
                    lines[line["sku"]] = units * 1000
            if not lines:
                raise BadQuantities("nothing to send", field="units")
            transfer_id = _transfer_id(now)
            made = partial(_approved, transfer_id, row.from_store, row.to_store, lines)
            self._folding.take_hq(txn, [made], now_ms=now)
            self._decide(txn, act, row, "approved", transfer_id)
            return transfer_id

        return self._store.write(write)

    def refuse(self, act: Act, suggestion_id: str, region: str | None) -> None:
        """Not worth it. Raises NoSuchSuggestion."""

        def write(txn: Txn) -> None:
            self._decide(txn, act, self._open(txn, suggestion_id, region), "refused", None)

        self._store.write(write)

    def _open(self, txn: Txn, suggestion_id: str, region: str | None) -> SuggestionRow:
        row = balancing.suggestion(txn, suggestion_id)
        there = stores_in(txn, region)
        if row is None or row.state != "open" or not {row.from_store, row.to_store} <= there:
            raise NoSuchSuggestion("no such open suggestion")
        return row

    def _decide(self, txn: Txn, act: Act, row: SuggestionRow, state: str, transfer_id: str | None) -> None:
        now = self._clock.now_ms()
        after = dataclasses.replace(
            row,
            state=state,
            decided_login=act.actor,
            decided_why=act.why,
            decided_at_ms=now,
            transfer_id=transfer_id,
        )
        balancing.put_suggestion(txn, after)
        facts = {"transfer": transfer_id} if transfer_id else {}
        act.note(txn, now, f"transfer_suggestion_{state}", row.suggestion_id, **facts)


def _transfer_id(now_ms: int) -> str:
    """As short as those that stores give, for slips and screens."""
    mark = "".join(secrets.choice(_ALPHABET) for _ in range(8))
    return f"HQ-{datetime.fromtimestamp(now_ms / 1000, UTC):%m%d}-{mark}"


def _seen(row: TransitRow, there: set[str]) -> TransitRow:
    """A place that this person may not see has no name."""
    source = row.from_store if row.from_store in there else "–"
    target = row.to_store if row.to_store in there else "–"
    return dataclasses.replace(row, from_store=source, to_store=target)


def _approved(
    transfer_id: str, from_store: str, to_store: str, lines: Mapping[str, int], stamp: Stamp
) -> TransferMoved:
    return TransferMoved(stamp, from_store, transfer_id, "approved", from_store, to_store, lines)


def _opened(txn: Txn, row: SuggestionRow) -> Suggestion:
    lines = json.loads(row.lines)
    return Suggestion(row, lines, catalog.items(txn, [line["sku"] for line in lines]))


def _week(value: Any) -> list[int]:
    found: list[int] = json.loads(value) if isinstance(value, str) else value
    return found
