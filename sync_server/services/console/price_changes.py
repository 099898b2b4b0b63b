"""Price changes as drafts: begun, edited by hand, by paste or by file."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from pos_core.clock import Clock
from pos_core.errors import Refusal
from pos_core.money import currency_exponent
from sync_server.services.acts import Act
from sync_server.services.console.drafts import Drafts
from sync_server.services.identity import new_id
from sync_server.services.importing import ImportOptions, ImportReport, ImportTarget
from sync_server.services.importing.cells import amount_cell
from sync_server.services.importing.context import ChainView, chain_view
from sync_server.services.importing.kinds.change import ChangePrices
from sync_server.services.importing.problems import CellError
from sync_server.services.importing.run import Import
from sync_server.services.keys import ChainKeys
from sync_server.store import catalog, price_change
from sync_server.store.engine import Store, Txn
from sync_server.store.masters import PriceRow
from sync_server.store.price_change import ChangeRow

CELLS_MAX = 20_000
TITLE_CHARS_MAX = 80


class NoSuchChange(Refusal):
    """No price change has this id."""

    code = "no_such_price_change"


class ChangeNotOpen(Refusal):
    """It is not in the state that this needs: another was quicker, or the page is old."""

    code = "price_change_not_open"


class BadPeriod(Refusal):
    """The end is not after the beginning, or there is no title."""

    code = "price_change_bad_period"


DRAFTS = Drafts(
    "price_change",
    price_change.get,
    price_change.put,
    lambda: NoSuchChange("no such price change"),
    ChangeNotOpen,
)


class PriceChanges:
    """Everything about price changes but deciding on them."""

    def __init__(self, store: Store, keys: ChainKeys, clock: Clock) -> None:
        self._store = store
        self._keys = keys
        self._clock = clock

    # --- reading ------------------------------------------------------------------------------------

    def newest(self, *, over: bool) -> list[tuple[ChangeRow, int]]:
        """Changes with the number of their rows: those under way, or those that are over."""
        states = ("published", "dropped") if over else ("draft", "waiting", "approved")
        return self._store.read(lambda txn: price_change.newest(txn, states, 100))

    def get(self, change_id: str) -> ChangeRow:
        """One change. Raises NoSuchChange."""
        return self._store.read(lambda txn: DRAFTS.known(txn, change_id))

    def waiting_elsewhere(self, change_id: str | None = None) -> int:
        """Imported prices that wait for a release outside of this change."""
        return self._store.read(lambda txn: price_change.waiting_elsewhere(txn, change_id))

    # --- editing ------------------------------------------------------------------------------------

    def begin(self, act: Act, *, title: str, effective_from_ms: int, effective_to_ms: int | None) -> str:
        """A new draft; `act.why` is its reason. Raises BadPeriod."""
        _check_period(title, effective_from_ms, effective_to_ms)
        now = self._clock.now_ms()
        row = ChangeRow(
            change_id=new_id(self._clock),
            title=title.strip()[:TITLE_CHARS_MAX],
            why=act.why,
            state="draft",
            effective_from_ms=effective_from_ms,
            effective_to_ms=effective_to_ms,
            created_by=act.user_id or "",
            created_login=act.actor,
            editors=json.dumps([act.user_id]),
            created_at_ms=now,
            submitted_by=None,
            submitted_login=None,
            decided_by=None,
            decided_login=None,
            decided_why=None,
            changed_at_ms=now,
            version=None,
            findings=None,
        )

        def write(txn: Txn) -> None:
            price_change.put(txn, row)
            act.note(txn, now, "price_change_begun", row.change_id, title=row.title)

        self._store.write(write)
        return row.change_id

    def set_period(self, act: Act, change_id: str, start_ms: int, end_ms: int | None) -> None:
        """Another period; rows with dates of their own keep them. Raises BadPeriod, ChangeNotOpen."""

        def write(txn: Txn) -> None:
            row = DRAFTS.editable(txn, act, change_id, self._clock.now_ms())
            _check_period(row.title, start_ms, end_ms)
            price_change.move_rows(
                txn, change_id, (row.effective_from_ms, row.effective_to_ms), (start_ms, end_ms)
            )
            price_change.put(
                txn, dataclasses.replace(row, effective_from_ms=start_ms, effective_to_ms=end_ms)
            )
            act.note(txn, self._clock.now_ms(), "price_change_period", change_id, start=start_ms, end=end_ms)

        self._store.write(write)

    def set_cells(
        self, act: Act, change_id: str, cells: Sequence[tuple[str, str, str]]
    ) -> tuple[int, list[dict[str, str]]]:
        """Cells (price list, SKU, text; "" takes the draft's price away) as typed or pasted.

        Returns how many were taken, and the others with the code of their fault. Raises ChangeNotOpen.
        """

        def write(txn: Txn) -> tuple[int, list[dict[str, str]]]:
            row = DRAFTS.editable(txn, act, change_id, self._clock.now_ms())
            chain = chain_view(txn)
            known = catalog.items(txn, sorted({sku for _, sku, _ in cells}))
            new, gone, refused = _understood(cells[:CELLS_MAX], row, chain, set(known))
            price_change.drop_rows(txn, change_id, gone)
            price_change.put_rows(txn, change_id, new)
            price_change.put(txn, row)
            facts = {"set": len(new), "taken_away": len(gone), "refused": len(refused)}
            act.note(txn, self._clock.now_ms(), "price_change_edited", change_id, **facts)
            return len(new) + len(gone), refused

        return self._store.write(write)

    def take_file(self, act: Act, change_id: str, path: Path, rejects: Path) -> ImportReport:
        """Prices from CSV or XLSX: good rows are taken, the others go to `rejects`. Raises BadFile."""
        row = self.get(change_id)
        if row.state != "draft":
            raise ChangeNotOpen("not a draft any more", state=row.state)
        target = ImportTarget(self._store, self._keys, self._clock.now_ms())
        kind = ChangePrices(change_id, (row.effective_from_ms, row.effective_to_ms))
        options = ImportOptions(rejects=rejects, actor=act.actor)
        report = Import(target, kind, path, options).run()

        def note(txn: Txn) -> None:
            price_change.put(txn, DRAFTS.editable(txn, act, change_id, self._clock.now_ms()))
            facts = {"file": path.name, "taken": report.created, "rejected": report.rejected}
            act.note(txn, self._clock.now_ms(), "price_change_file", change_id, **facts)

        self._store.write(note)
        return report

    def take_waiting(self, act: Act, change_id: str) -> int:
        """Imported prices that wait for a release become rows of this change."""

        def write(txn: Txn) -> int:
            price_change.put(txn, DRAFTS.editable(txn, act, change_id, self._clock.now_ms()))
            taken = price_change.copy_waiting(txn, change_id)
            act.note(txn, self._clock.now_ms(), "price_change_took_imports", change_id, taken=taken)
            return taken

        return self._store.write(write)


def _check_period(title: str, start_ms: int, end_ms: int | None) -> None:
    if not title.strip() or (end_ms is not None and end_ms <= start_ms):
        raise BadPeriod("a title, and an end after the beginning")


def _understood(
    cells: Iterable[tuple[str, str, str]], row: ChangeRow, chain: ChainView, known: set[str]
) -> tuple[list[PriceRow], list[tuple[str, str, int]], list[dict[str, Any]]]:
    """Cells as rows, keys to take away, and refused cells with a code."""
    new: dict[tuple[str, str], PriceRow] = {}
    gone: list[tuple[str, str, int]] = []
    refused: list[dict[str, Any]] = []
    for price_list_id, sku, text in cells:
        currency = chain.price_lists.get(price_list_id)
        if currency is None or sku not in known:
            refused.append({"list": price_list_id, "sku": sku, "code": "unknown_reference"})
        elif not text.strip():
            gone.append((price_list_id, sku, row.effective_from_ms))
        else:
            try:
                price = amount_cell(text.strip(), currency_exponent(currency))
            except CellError as error:
                refused.append({"list": price_list_id, "sku": sku, "code": error.code_of_row})
                continue
            new[price_list_id, sku] = PriceRow(
                price_list_id, sku, row.effective_from_ms, row.effective_to_ms, price
            )
    return list(new.values()), gone, refused
