"""A price change side by side with what it replaces, and prices as rows of a file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from pos_core.clock import Clock
from pos_core.money import format_minor
from sync_server.services.console.price_checks import PPM, Limits, row_findings
from sync_server.services.console.price_decisions import befores_of
from sync_server.services.console.price_lists import ListFacts, price_lists
from sync_server.store import catalog, price_change
from sync_server.store.catalog import ItemFilter
from sync_server.store.engine import Store, Txn
from sync_server.store.masters import PriceRow

PAGE_ROWS = 200
_READ_AT_ONCE = 500
COLUMNS = ("price_list_id", "sku", "name", "price", "effective_from", "effective_to")
"""Headings of an exported file: an import takes it back (it ignores the name)."""


@dataclass(frozen=True, slots=True)
class DiffRow:
    """One row of a change. `change_ppm` None: no price before."""

    row: PriceRow
    name: str
    name_en: str
    old_minor: int | None
    cost_minor: int | None
    change_ppm: int | None
    exponent: int
    stores: int
    findings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Extent:
    """How far a change reaches."""

    rows: int
    items: int
    lists: tuple[ListFacts, ...]
    stores: int


class PriceDiff:
    """Reads."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def extent(self, change_id: str, region: str | None) -> Extent:
        """Rows, items, lists and stores of a change; with `region` only the stores there."""

        def read(txn: Txn) -> Extent:
            named = set(price_change.lists_of(txn, change_id))
            lists = [each for each in price_lists(txn, region)[1] if each.price_list_id in named]
            rows, items = price_change.size(txn, change_id)
            stores = {store_id for each in lists for store_id in each.store_ids}
            return Extent(rows, items, tuple(lists), len(stores))

        return self._store.read(read)

    def page(self, change_id: str, *, offset: int, region: str | None) -> list[DiffRow]:
        """Rows by SKU and list."""
        now = self._clock.now_ms()

        def read(txn: Txn) -> list[DiffRow]:
            chain, lists = price_lists(txn, region)
            facts = {each.price_list_id: each for each in lists}
            rows = price_change.rows(
                txn, change_id, price_list_ids=list(facts), offset=offset, limit=PAGE_ROWS
            )
            befores = befores_of(txn, rows, chain)
            limits = Limits.of_policies(chain.policies)
            found = []
            for row in rows:
                before, each = befores[row], facts[row.price_list_id]
                old = before.price_minor
                ppm = None if not old else (row.price_minor - old) * PPM // old
                found.append(
                    DiffRow(
                        row,
                        name=before.item.name if before.item else "",
                        name_en=before.item.name_en if before.item else "",
                        old_minor=old,
                        cost_minor=before.cost_minor if before.own_currency else None,
                        change_ppm=ppm,
                        exponent=each.exponent,
                        stores=len(each.store_ids),
                        findings=tuple(row_findings(row, before, limits, now)),
                    )
                )
            return found

        return self._store.read(read)

    def change_as_rows(self, change_id: str, region: str | None) -> list[list[str]]:
        """A change as a file's rows."""

        def read(txn: Txn) -> list[list[str]]:
            lists = {each.price_list_id: each for each in price_lists(txn, region)[1]}
            rows = price_change.rows(txn, change_id, price_list_ids=list(lists))
            return _as_rows(txn, rows, lists)

        return self._store.read(read)

    def prices_as_rows(self, wanted: ItemFilter, region: str | None) -> Iterator[list[str]]:
        """Published prices that hold now or later, for the items that a filter leaves."""
        now, offset = self._clock.now_ms(), 0
        while True:

            def read(txn: Txn, offset: int = offset) -> tuple[int, list[list[str]]]:
                lists = {each.price_list_id: each for each in price_lists(txn, region)[1]}
                items = catalog.page(txn, wanted, offset=offset, limit=_READ_AT_ONCE)
                rows = [
                    row
                    for row in price_change.prices_of_skus(txn, [item.sku for item in items])
                    if row.price_list_id in lists
                    and row.published_version is not None
                    and (row.effective_to_ms is None or row.effective_to_ms > now)
                ]
                rows.sort(key=lambda row: (row.sku, row.price_list_id, row.effective_from_ms))
                return len(items), _as_rows(txn, rows, lists)

            count, found = self._store.read(read)
            yield from found
            if count < _READ_AT_ONCE:
                return
            offset += count


def _as_rows(txn: Txn, rows: list[PriceRow], lists: dict[str, ListFacts]) -> list[list[str]]:
    names = {sku: item.name for sku, item in catalog.items(txn, sorted({r.sku for r in rows})).items()}
    return [
        [
            row.price_list_id,
            row.sku,
            names.get(row.sku, ""),
            format_minor(row.price_minor, lists[row.price_list_id].exponent),
            instant_text(row.effective_from_ms),
            "" if row.effective_to_ms is None else instant_text(row.effective_to_ms),
        ]
        for row in rows
    ]


def instant_text(at_ms: int) -> str:
    """UTC with its offset, so that no time zone is guessed when the file comes back."""
    return datetime.fromtimestamp(at_ms // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
