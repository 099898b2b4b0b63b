"""One thread that talks to the printer, so that nothing else ever waits for it."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import replace
from typing import TypeVar

from pos_client.devices.drawer import DrawerState, Pin
from pos_client.devices.printer import PrinterState, ReceiptPrinter
from pos_client.log import get_logger
from pos_client.receipts.layout import lay_out
from pos_client.receipts.model import Receipt
from pos_client.receipts.rows import Row

_log = get_logger(__name__)
_Job = Callable[[], None]
S = TypeVar("S")


class PrintQueue:
    """Jobs in order, each answered with the printer's state; a failed job is dropped, never tried again

    by itself: the operator decides about a reprint.
    """

    def __init__(self, printer: ReceiptPrinter) -> None:
        self._printer = printer
        self._listener: Callable[[], None] = lambda: None
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._waiting = 0
        self._lock = threading.Lock()
        self._state = PrinterState.READY
        self._drawer_pin: Pin | None = 2
        self._drawer_state = DrawerState.READY
        self._thread = threading.Thread(target=self._run, name="receipt-printer", daemon=True)
        self._thread.start()

    def listen(self, listener: Callable[[], None]) -> None:
        """`listener` runs on the printer's thread after each job."""
        self._listener = listener

    def use(self, printer: ReceiptPrinter) -> None:
        """Another printer from the next job on; the old one is let go of after the jobs before."""

        def swap() -> PrinterState:
            old, self._printer = self._printer, printer
            old.close()
            with self._lock:
                self._drawer_state = DrawerState.READY
            return PrinterState.READY

        self._submit(swap)

    def use_drawer(self, pin: Pin | None) -> None:
        """Which wire the drawer hangs on; None: there is no drawer, and no pulse goes out."""
        self._drawer_pin = pin
        self._drawer_state = DrawerState.READY

    @property
    def columns(self) -> int:
        """Columns of the paper."""
        return self._printer.columns

    @property
    def state(self) -> PrinterState:
        """The state after the last job; READY before the first."""
        return self._state

    @property
    def drawer_state(self) -> DrawerState:
        """The drawer's after the last pulse; READY before the first, and once its printer is there again."""
        return DrawerState.NOT_CONFIGURED if self._drawer_pin is None else self._drawer_state

    @property
    def waiting(self) -> int:
        """Jobs not finished yet."""
        return self._waiting

    def print_rows(self, rows: Sequence[Row]) -> Future[PrinterState]:
        """Queue a receipt."""
        return self._submit(lambda: self._printer.print_rows(rows))

    def print_receipt(
        self, receipt: Receipt, code: Callable[[], str | None] = lambda: None
    ) -> Future[PrinterState]:
        """Queue a receipt; it is laid out, and its signed `code` made, on the printer's thread."""

        def work() -> PrinterState:
            try:
                whole = replace(receipt, summary_code=code())
            except Exception:  # a receipt without its code is better than none
                _log.exception("receipt_code_failed")
                whole = receipt
            return self._printer.print_rows(lay_out(whole, self._printer.columns))

        return self._submit(work)

    def open_drawer(self, *, look: bool = False) -> Future[DrawerState]:
        """Queue a drawer pulse; `look`: see whether it springs open. Says nothing about the paper."""
        pin = self._drawer_pin
        if pin is None:
            future: Future[DrawerState] = Future()
            future.set_result(DrawerState.NOT_CONFIGURED)
            return future

        def settle(state: DrawerState) -> None:
            self._drawer_state = state
            if state is DrawerState.OFFLINE:
                self._state = PrinterState.OFFLINE

        return self._queued(
            lambda: self._printer.open_drawer(pin, look=look), DrawerState.OFFLINE, "drawer_failed", settle
        )

    def ask(self) -> Future[PrinterState]:
        """Ask the device how it is."""
        return self._submit(self._printer.state)

    def close(self, timeout_s: float = 3.0) -> None:
        """Finish what is queued if that is quick, then let go."""
        self._jobs.put(None)
        self._thread.join(timeout_s)

    def _submit(self, work: Callable[[], PrinterState]) -> Future[PrinterState]:
        def settle(state: PrinterState) -> None:
            self._state = state
            if self._drawer_state is DrawerState.OFFLINE and state is not PrinterState.OFFLINE:
                self._drawer_state = DrawerState.READY

        return self._queued(work, PrinterState.FAULT, "printer_job_failed", settle)

    def _queued(self, work: Callable[[], S], failed: S, event: str, settle: Callable[[S], None]) -> Future[S]:
        """`settle` keeps what came of it, under the lock; `failed` where the work ended in an exception."""
        future: Future[S] = Future()

        def job() -> None:
            try:
                state = work()
            except Exception:  # a fault of ours or of a driver must not end the thread
                _log.exception(event)
                state = failed
            with self._lock:
                self._waiting -= 1
                settle(state)
            future.set_result(state)

        with self._lock:
            self._waiting += 1
        self._jobs.put(job)
        return future

    def _run(self) -> None:
        while (job := self._jobs.get()) is not None:
            job()
            try:
                self._listener()
            except Exception:
                _log.exception("printer_listener_failed")
        self._printer.close()
