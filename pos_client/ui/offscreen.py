"""The window without a screen: the same window and keys ring up a sale and leave pictures.

Exit code 0 only when the sale is in the journal.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from PySide6.QtCore import QEventLoop
from PySide6.QtWidgets import QApplication

from pos_client.services.views.items import FoundItem
from pos_client.services.views.payment import CompletedSale
from pos_client.services.workstation import Workstation
from pos_client.ui.app import WindowOptions, application, build_window
from pos_client.ui.keys.typist import post_keys
from pos_client.ui.shell.main_window import MainWindow
from pos_client.ui.shell.theme import BASE_HEIGHT, BASE_WIDTH
from pos_core.errors import TidemarkError

DEADLINE_SECONDS = 60
EXCHANGE_SECONDS = 10
FLOAT_TEXT = "500"
ITEMS_MAX = 6
_TRIES = ("kele", "niunai", "mian", "shui", "you", "a", "b", "c", "m", "s", "x", "1", "奶", "水", "果", "蛋")
"""What is searched for to find something to sell in a chain that is not known."""
_NOTHING_TO_SELL, _NO_SIGN_ON, _NOT_SOLD = 3, 4, 5


class TimedOut(Exception):
    """A step did not end in time."""


@dataclass
class _Run:
    """The window, the folder, and how many pictures were taken."""

    app: QApplication
    window: MainWindow
    folder: Path
    taken: int = 0

    def press(self, *texts: str) -> None:
        """Real key events, then everything that follows from them."""
        post_keys(self.window, *texts)
        self.settle()

    def settle(self) -> None:
        """Until nothing is held back and the queue is empty."""
        self.wait_until(lambda: not self.window.desk.keys.holding)
        self.app.processEvents()

    def wait_until(self, condition: Callable[[], bool]) -> None:
        """Work the event loop until `condition`."""
        end = time.monotonic() + DEADLINE_SECONDS
        self.app.processEvents()
        while not condition():
            if time.monotonic() > end:
                raise TimedOut
            self.app.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents, 50)

    def hear_from_the_server(self, workstation: Workstation) -> None:
        """One exchange, if somebody answers soon; without a network the run sells all the same."""
        answer, end = workstation.sync.now(), time.monotonic() + EXCHANGE_SECONDS
        self.wait_until(lambda: answer.done() or time.monotonic() > end)

    def picture(self, name: str) -> None:
        """Save what the window shows."""
        self.settle()
        self.taken += 1
        path = self.folder / f"{self.taken:02d}-{name}.png"
        if not self.window.grab().save(str(path)):
            raise OSError(f"cannot write {path}")
        sys.stdout.write(f"{path}\n")


def run_offscreen(open_workstation: Callable[[], Workstation], options: WindowOptions, folder: Path) -> int:
    """Sign on and open a shift when needed, ring up a sale by key events, take cash, save pictures.

    Returns 0 when the sale is durable; 3: nothing to sell; 4: signing on failed; 5: the sale was not written.
    """
    app = application()
    folder.mkdir(parents=True, exist_ok=True)
    workstation = open_workstation()
    try:
        sized = replace(options, size=options.size or (BASE_WIDTH, BASE_HEIGHT))
        window = build_window(workstation, sized, beep=lambda: None)
        window.show()
        workstation.go_live()
        run = _Run(app, window, folder)
        run.hear_from_the_server(workstation)
        code = _sell(run, workstation, options)
        run.hear_from_the_server(workstation)
        window.close()
        return code
    except TimedOut:
        sys.stderr.write("timed out\n")
        return _NOT_SOLD
    finally:
        workstation.close()


def _sell(run: _Run, workstation: Workstation, options: WindowOptions) -> int:
    if not _get_ready(run, options):
        return _NO_SIGN_ON
    items = _items_to_sell(workstation)
    if not items:
        sys.stderr.write("nothing to sell: no item with a barcode and a price was found\n")
        return _NOTHING_TO_SELL
    run.picture("checkout")
    codes = [(item.gtin or "").lstrip("0").zfill(13) for item in items]
    run.press(f"3*{codes[0]}\n", *(f"{code}\n" for code in codes[1:]))
    run.picture("sale")
    run.press("<F2>", items[0].name[:2])
    run.picture("find")
    run.press("<Esc>", "<Esc>", "<F1>")
    run.picture("keys")
    run.press("<Esc>", "<F12>")
    if run.window.checkout.sale.basket.age_needed is not None:
        run.press("\n")  # the shopper is old enough
    run.picture("payment")
    sold: list[CompletedSale | None] = []
    run.window.checkout.sale.sale_finished.connect(sold.append)
    run.press(f"{_note(run.window.checkout.sale.basket.total_minor, run)}\n")
    run.wait_until(lambda: bool(sold) or not run.window.desk.keys.holding)
    run.picture("change")
    run.press("<Ctrl+Shift+L>")
    run.picture("change-other-language")
    return _report(sold[0] if sold else None, workstation)


def _get_ready(run: _Run, options: WindowOptions) -> bool:
    """To the checkout, by keys."""
    if run.window.front == "sign_on":
        run.picture("sign-on")
        if options.sign_on is None:
            return False
        number, pin = options.sign_on
        run.press(f"{number}\n", f"{pin}\n")
    if run.window.front == "open_shift":
        run.picture("open-shift")
        run.press(f"{FLOAT_TEXT}\n")
    return run.window.front == "checkout"


def _items_to_sell(workstation: Workstation) -> list[FoundItem]:
    found: dict[str, FoundItem] = {}
    for text in _TRIES:
        for item in workstation.find_item.search(text):
            if item.gtin and item.price_minor and item.sale_kind == "piece":
                found.setdefault(item.sku, item)
        if len(found) >= ITEMS_MAX:
            break
    return list(found.values())[:ITEMS_MAX]


def _note(total_minor: int, run: _Run) -> str:
    """Whole hundreds that cover the total, as a shopper hands them over."""
    exponent = run.window.desk.texts.exponent
    hundred = 100 * 10**exponent
    return str(-(-total_minor // hundred) * 100)


def _report(sale: CompletedSale | None, workstation: Workstation) -> int:
    """What is in the journal decides, not what the screen says."""
    try:
        receipt = workstation.printing.last_receipt()
    except TidemarkError as error:
        sys.stderr.write(f"{error.code}: {error.message}\n")
        return _NOT_SOLD
    if sale is None or receipt is None or receipt.document_id != sale.document_id:
        sys.stderr.write("the sale was not written\n")
        return _NOT_SOLD
    sys.stdout.write(f"sale {sale.series_label}-{sale.number} total {sale.total_minor} is in the journal\n")
    return 0
