"""The stock card of one item that moved a hundred thousand times.

    python -m benchmarks.stock_card [--movements 100000] [--rounds 30]

Head office has never answered: all movements are in this journal alone, the worst case. Measured: the figure
on hand and the first page with its balances, as the window asks for them, and the page in the middle.
Goal: at most 100 ms.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

from benchmarks.bare_journal import open_journal
from benchmarks.commit import WORKSTATION
from benchmarks.report import percentiles
from pos_client.journal import own_facts, stock_card
from pos_client.journal.draft import Draft
from pos_client.journal.journal import Journal
from pos_client.journal.stock_card import AFTER_ALL, NEWEST, Place

GOAL_MS = 100.0
LINES, BATCH, PAGE = 20, 100, 100


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--movements", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=30)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        journal = open_journal(Path(folder), WORKSTATION)
        _fill(journal, arguments.movements)
        worst = 0.0
        middle: Place = (1, arguments.movements // LINES // 2, 1)
        for name, place in (("newest page", AFTER_ALL), ("page in the middle", middle)):
            times = []
            for _ in range(arguments.rounds):
                before = time.perf_counter()
                _open(journal, place)
                times.append((time.perf_counter() - before) * 1000)
            worst = max(worst, *times)
            print(f"{name:20} {percentiles(times)}")
        verdict = "within" if worst <= GOAL_MS else "ABOVE"
        print(f"largest {worst:.1f} ms, {verdict} the goal of {GOAL_MS:g} ms")
        journal.close()


def _open(journal: Journal, place: Place) -> None:
    """What `StockCards.known` asks of the journal."""
    on_hand = journal.read(lambda c: own_facts.moved_without_count(c, {}, "1001", ""))
    assert on_hand is not None
    entries = journal.read(lambda c: stock_card.page(c, "1001", place, NEWEST, PAGE + 1))
    assert len(entries) == PAGE + 1


def _fill(journal: Journal, movements: int) -> None:
    lines = [{"line_no": each + 1, "sku": "1001", "quantity_milli": -1000} for each in range(LINES)]
    body = {"reason": "waste", "lines": lines}
    documents = movements // LINES
    for start in range(0, documents, BATCH):
        journal.record([Draft("stock_movement", body, "2026-11-28")] * min(BATCH, documents - start)).result()


if __name__ == "__main__":
    main()
