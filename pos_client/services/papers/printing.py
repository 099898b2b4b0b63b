"""Printing receipts without ever making a sale wait."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from typing import Any

from pos_client.devices.drawer import DrawerState
from pos_client.devices.print_queue import PrintQueue
from pos_client.journal.draft import Recorded
from pos_client.receipts.model import Language, Receipt
from pos_client.receipts.rows import Row
from pos_client.services.counter import Counter
from pos_client.services.futures import then
from pos_client.services.own_state import last_sale, sale_by_number
from pos_client.services.papers.receipt_codes import ReceiptCodes
from pos_client.services.papers.receipt_maker import ReceiptMaker
from pos_client.services.refusals.returns import NoReceipt
from pos_client.services.views.devices import PrinterView


class Printing:
    """Receipts go to the printer's own thread; a dead printer is a state, never an error of a sale."""

    def __init__(self, counter: Counter, queue: PrintQueue, maker: ReceiptMaker, codes: ReceiptCodes) -> None:
        self._counter = counter
        self._queue = queue
        self._maker = maker
        self._codes = codes
        self._last: Receipt | None = None
        self._listeners: list[Callable[[], None]] = []

    def last_receipt(self) -> Receipt | None:
        """The last finished sale's receipt, also after a restart."""
        if self._last is None:
            document = last_sale(self._counter.journal)
            self._last = None if document is None else self._maker.of_document(document)
        return self._last

    def print(self, receipt: Receipt) -> Future[PrinterView]:
        """Queue a receipt; resolves with the state after it (never fails for a printer in trouble)."""
        future = self._queue.print_receipt(receipt)
        return then(future, lambda _: self.state())

    @property
    def language(self) -> Language:
        """The language of paper."""
        return self._maker.language

    @property
    def columns(self) -> int:
        """Columns of the receipt paper."""
        return self._queue.columns

    def print_rows(self, rows: Sequence[Row]) -> Future[PrinterView]:
        """Queue a slip or a report; resolves with the state after it."""
        return then(self._queue.print_rows(rows), lambda _: self.state())

    def print_sale(
        self, receipt: Receipt, *, open_drawer: bool, document: Mapping[str, Any] | None = None
    ) -> None:
        """After a sale is durable: the drawer first, then the paper. Called on the journal's thread.

        `document`: the decoded sale, for the code that its receipt carries.
        """
        self._last = receipt
        if open_drawer:
            self._queue.open_drawer()
        self._queue.print_receipt(receipt, self._code_of(document))

    def open_drawer(self) -> Future[DrawerState]:
        """Pulse the drawer."""
        return self._queue.open_drawer()

    def reprint(self, number: int | None = None) -> Future[PrinterView]:
        """Journal receipt_reprinted, then print that sale again, marked as a copy; None = the last one.

        Raises NotSignedOn, NoReceipt (no sale of this series has that number).
        """
        counter = self._counter
        counter.require_operator()
        if number is None:
            document = last_sale(counter.journal)
        else:
            document = sale_by_number(counter.journal, counter.journal.series.incarnation, number)
        if document is None:
            raise NoReceipt("no such sale in this journal", number=number)
        body = {"incarnation": document["incarnation"], "number": document["number"]}
        receipt = self._maker.of_document(document).as_copy()
        printed: Future[PrinterView] = Future()

        def recorded(future: Future[list[Recorded]]) -> None:
            error = future.exception()
            if error is not None:
                printed.set_exception(error)
                return
            done = self._queue.print_receipt(receipt, self._code_of(document))
            done.add_done_callback(lambda _: printed.set_result(self.state()))

        counter.record([counter.draft("receipt_reprinted", body)]).add_done_callback(recorded)
        return printed

    def _code_of(self, document: Mapping[str, Any] | None) -> Callable[[], str | None]:
        """Made on the printer's thread: nobody at the counter waits for a signature."""
        if document is None or not self._maker.template.return_summary:
            return lambda: None
        return lambda: self._codes.of_sale(document)

    def state(self) -> PrinterView:
        """How the printer is now."""
        state = self._queue.state
        return PrinterView(
            state=state.value,
            waiting=self._queue.waiting,
            can_reprint=not state.prints and self._last is not None,
        )

    def check(self) -> Future[PrinterView]:
        """Ask the printer itself."""
        return then(self._queue.ask(), lambda _: self.state())

    def on_change(self, callback: Callable[[], None]) -> None:
        """Called on a device thread when the state changes; a window must hop to its own thread."""
        self._listeners.append(callback)

    def changed(self) -> None:
        """The queue says so after each job."""
        for listener in self._listeners:
            listener()
        self._counter.changed()
