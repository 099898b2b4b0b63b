"""From the last key event of a scan to painted, off screen, beside a bare Qt row insert and paint.

    python -m benchmarks.window --data DIR --key-dir DIR --sign-on NUMBER:PIN [--scans 400]

Works on the data folder of an enrolled workstation (the reference replica, or the demo chain). Each scan is
13 digits and Enter as raw key events; the clock starts before Enter is delivered and stops when every
paint that it caused is done. The yardstick in the same run, interleaved: one row of six cells into a
`QTableView` of the same size over a `QStandardItemModel`, scrolled to and painted.
Without --data a workstation of six items is made in a temporary folder: the window's own cost alone.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import sys
import tempfile
import time
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QCoreApplication, QEvent, QObject
from PySide6.QtGui import QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QApplication, QTableView

from pos_client.services.workstation import Workstation
from pos_client.ui.app import WindowOptions, build_window
from pos_client.ui.keys.typist import key_events
from pos_client.ui.shell.main_window import MainWindow

LINES_MAX = 40
GOALS_MS = {"line_p99": 16.0, "ratio": 1.5}


class PaintSeen(QObject):
    """Notes that a viewport was painted: without it a figure would only measure that nothing happened."""

    def __init__(self) -> None:
        super().__init__()
        self.count = 0

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 (Qt names it)
        if event.type() == QEvent.Type.Paint:
            self.count += 1
        return False


class Bare:
    """The yardstick."""

    def __init__(self, like: QTableView) -> None:
        self.model = QStandardItemModel(0, 6)
        self.view = QTableView()
        self.view.setModel(self.model)
        self.view.verticalHeader().setVisible(False)
        self.view.verticalHeader().setDefaultSectionSize(like.verticalHeader().defaultSectionSize())
        self.view.setFont(like.font())
        self.view.resize(like.size())
        for column in range(6):
            self.view.setColumnWidth(column, like.columnWidth(column))
        self.view.show()
        self.seen = PaintSeen()
        self.view.viewport().installEventFilter(self.seen)

    def insert(self, cells: list[str]) -> float:
        if self.model.rowCount() >= LINES_MAX:
            self.model.removeRows(0, self.model.rowCount())
            settle()
        painted, start = self.seen.count, time.perf_counter()
        self.model.appendRow([QStandardItem(cell) for cell in cells])
        self.view.scrollToBottom()
        settle()
        took = time.perf_counter() - start
        assert self.seen.count > painted
        return took


def settle() -> None:
    QCoreApplication.sendPostedEvents()
    QCoreApplication.processEvents()


def press(window: MainWindow, text: str) -> None:
    for event in key_events(text):
        QCoreApplication.sendEvent(window.windowHandle(), event)


def scan(window: MainWindow, code: str, seen: PaintSeen) -> float:
    """Seconds from Enter to painted; the digits are typed and painted before."""
    press(window, code)
    settle()
    rows, painted = window.checkout.lines.lines.rowCount(), seen.count
    start = time.perf_counter()
    press(window, "\n")
    settle()
    took = time.perf_counter() - start
    assert window.checkout.lines.lines.rowCount() == rows + 1, window.checkout.messages.sentence
    assert seen.count > painted
    return took


def spread(seconds: list[float]) -> dict[str, float]:
    ordered = sorted(seconds)
    at = {"p50": 0.5, "p90": 0.9, "p99": 0.99}
    return {name: round(1000 * ordered[int(share * (len(ordered) - 1))], 2) for name, share in at.items()} | {
        "max": round(1000 * ordered[-1], 2)
    }


def codes_of(workstation: Workstation, wanted: int) -> list[str]:
    """Barcodes of items with a price, found the way an operator finds them."""
    found: dict[str, str] = {}
    for first in "bcdefghjklmnpqrstwxyz":
        for second in ("", *"aeiou"):
            for item in workstation.find_item.search(first + second, 20):
                if item.gtin and item.price_minor and item.sale_kind == "piece":
                    found.setdefault(item.sku, item.gtin.lstrip("0").zfill(13))
            if len(found) >= wanted:
                return list(found.values())
    return list(found.values())


def measure(window: MainWindow, codes: list[str], scans: int) -> dict[str, object]:
    seen = PaintSeen()
    window.checkout.lines.viewport().installEventFilter(seen)
    bare = Bare(window.checkout.lines)
    ours: list[float] = []
    plain: list[float] = []
    services: list[float] = []
    ring_up = window.desk.workstation.ring_up
    enter = ring_up.enter

    def timed(text: str) -> object:
        start = time.perf_counter()
        try:
            return enter(text)
        finally:
            services.append(time.perf_counter() - start)

    ring_up.enter = timed  # type: ignore[method-assign, assignment]
    for number in range(scans):
        if window.checkout.lines.lines.rowCount() >= LINES_MAX:
            ring_up.clear().result(30)
            window.checkout.sale.show_basket()
            settle()
        ours.append(scan(window, codes[number % len(codes)], seen))
        plain.append(bare.insert([str(number), "可口可乐 500ml", "1", "3.50", "", "3.50"]))
    window_ms, bare_ms = spread(ours[20:]), spread(plain[20:])
    return {
        "scans": len(ours) - 20,
        "enter_to_painted_ms": window_ms,
        "bare_insert_and_paint_ms": bare_ms,
        "ratio_p50": round(window_ms["p50"] / bare_ms["p50"], 2),
        "ratio_p99": round(window_ms["p99"] / bare_ms["p99"], 2),
        "in_the_services_ms": spread(services[20:]),
    }


def open_window(arguments: argparse.Namespace, folder: Path) -> tuple[MainWindow, list[str]]:
    application = QApplication.instance() or QApplication([])
    assert application is not None
    if arguments.data is None:
        from tests.client.services.shop import COLA, MILK, Shop

        workstation, codes = Shop(folder).ready().workstation, [COLA[1:], MILK[1:]]
    else:
        from pos_client import bootstrap
        from pos_client.storage.places import find_places

        places = find_places(arguments.data, None, arguments.key_dir)
        workstation = bootstrap.open_workstation(bootstrap.Options(places, timers=False))
        number, _, pin = arguments.sign_on.partition(":")
        workstation.session.sign_on(number, pin).result(30)
        if workstation.shift.current is None:
            workstation.shift.open_shift(20_000).result(30)
        codes = codes_of(workstation, 400)
    window = build_window(workstation, WindowOptions(size=(1366, 768)), beep=lambda: None)
    window.show()
    settle()
    return window, codes


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--key-dir", type=Path)
    parser.add_argument("--sign-on", default="1001:123456", metavar="NUMBER:PIN")
    parser.add_argument("--scans", type=int, default=420)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        window, codes = open_window(arguments, Path(folder))
        figures = measure(window, codes, arguments.scans)
        figures["items_scanned"] = len(set(codes))
        figures["memory_peak_mb"] = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
        window.close()
        window.desk.workstation.close()
    print(json.dumps(figures, indent=1))
    line_p99 = figures["enter_to_painted_ms"]["p99"]  # type: ignore[index]
    return 0 if line_p99 <= GOALS_MS["line_p99"] else 1


if __name__ == "__main__":
    sys.exit(main())
