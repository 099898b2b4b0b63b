"""The median basket of the real data by keys: five lines, a member, promotions, exact cash; 50 keys a second.

    python -m benchmarks.median_basket [--data DIR] [--items 100000] [--baskets 40]

Key events go into the real window one every 20 ms by the clock, whatever the window is doing; the time of a
key runs from its delivery until everything that follows from it was painted. Keys that a write holds back
count in the key that is pressed when they are let go. No key may be lost: every basket must be a sale of
five lines with its member. Interleaved: a row inserted and painted in a bare QTableView. At the end a basket
stands, and `benchmarks.start` opens the workstation with it.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QCoreApplication

from benchmarks import reference_replica as reference
from benchmarks.reference_workstation import make
from benchmarks.window import Bare, open_window, settle, spread
from pos_client.collector import quieten
from pos_client.ui.keys.typist import key_events
from pos_client.ui.shell.main_window import MainWindow

KEY_EVERY_S = 0.02
LINES = 5
GOAL_MS, GOAL_RATIO_P99 = 16.0, 1.5
WAIT_S = 10.0


class Typist:
    """One key each 20 ms."""

    def __init__(self, window: MainWindow) -> None:
        self._window = window
        self._due = time.perf_counter()
        self.took: list[float] = []
        self.work: list[float] = []

    def press(self, *texts: str) -> None:
        """Each key at its time; late ones follow at once, as a keyboard's buffer does."""
        for event in (event for text in texts for event in key_events(text)):
            while time.perf_counter() < self._due:
                QCoreApplication.processEvents()
            start, work = time.perf_counter(), time.thread_time()
            QCoreApplication.sendEvent(self._window.windowHandle(), event)
            settle()
            if event.type() == event.Type.KeyPress:
                self.took.append(time.perf_counter() - start)
                self.work.append(time.thread_time() - work)
                self._due = max(self._due + KEY_EVERY_S, start)

    def wait(self) -> None:
        """Until no key is held back."""
        end = time.perf_counter() + WAIT_S
        while self._window.desk.keys.holding and time.perf_counter() < end:
            QCoreApplication.processEvents()
        settle()


def measure(window: MainWindow, baskets: int, items: int) -> dict[str, object]:
    """Baskets rung up and paid; asserts that none lost anything."""
    dice = random.Random(7)
    bare, typist, plain = Bare(window.checkout.lines), Typist(window), []
    services = window.desk.workstation
    promoted, member = 0, next(reference.members(1))[0]
    for number in range(baskets):
        codes = [reference.gtin14(dice.randrange(items))[1:] for _ in range(LINES)]
        typist.press("<F9>", f"{member}\n", *(code + "\n" for code in codes))
        typist.wait()
        basket = services.ring_up.basket()
        assert basket.member is not None, window.checkout.messages.sentence
        assert basket.piece_count == LINES
        promoted += basket.discount_minor > 0
        typist.press("+", "\n")
        typist.wait()
        sale = window.checkout.sale.last_sale
        assert sale is not None and sale.total_minor == basket.total_minor
        plain.append(bare.insert([str(number), "可口可乐 500ml", "1", "3.50", "", "3.50"]))
    typist.press("<F9>", f"{member}\n", reference.gtin14(1)[1:] + "\n")
    typist.wait()
    key_ms, bare_ms = spread(typist.took[100:]), spread([clock for clock, _ in plain[5:]])
    return {
        "baskets": baskets,
        "with_a_discount": promoted,
        "keys": len(typist.took),
        "keys_lost": 0,
        "key_to_painted_ms": key_ms,
        "of_it_processor_time_ms": spread(typist.work[100:]),
        "bare_insert_and_paint_ms": bare_ms,
        "bare_processor_time_ms": spread([work for _, work in plain[5:]]),
        "key_to_bare": {at: round(key_ms[at] / bare_ms[at], 2) for at in ("p50", "p90", "p99")},
    }


def main() -> int:
    """Exit status 1 where p99 misses the goal."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--items", type=int, default=reference.ITEMS)
    parser.add_argument("--baskets", type=int, default=40)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        data = asked.data or Path(folder)
        if not (data / "workstation.json").exists():
            make(data, items=asked.items, members=100)
        quieten()
        window = open_window(data)
        services = window.desk.workstation
        services.ring_up.clear().result(30)
        services.ring_up.enter(reference.gtin14(1)[1:])
        services.ring_up.basket()  # promotions are compiled from here on
        services.ring_up.clear().result(30)
        window.checkout.sale.show_basket()
        settle()
        figures = measure(window, asked.baskets, asked.items)
        window.close()
        services.close()
        print(json.dumps(figures, indent=1), flush=True)
        command = [sys.executable, "-m", "benchmarks.start", "--data", str(data), "--rounds", "3"]
        started = subprocess.call(command)  # with the basket that stands
    p99 = figures["key_to_painted_ms"]["p99"]  # type: ignore[index]
    return max(started, int(p99 > GOAL_MS))


if __name__ == "__main__":
    sys.exit(main())
