"""A receipt found and a held basket taken up again, among a hundred thousand documents.

    python -m benchmarks.lookup [--documents 100000] [--rounds 60]

A journal of so many sales of three lines over 90 days, then what the return key asks: by the receipt's code
with its earlier returns, by item, by day, by amount, the newest ones; and the list of fifty held baskets.
Goal: each at most 100 ms.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.commit import WORKSTATION, sale_body
from benchmarks.report import percentiles
from pos_client.journal import baskets, sold
from pos_client.journal.baskets import HeldBasket
from pos_client.journal.draft import Draft
from pos_client.journal.journal import Journal
from pos_client.keys.key_store import FileKeyStore
from pos_client.services.system_clock import SystemClock
from pos_core.sync.document import Series

GOAL_MS = 100.0
ITEMS, DAYS, BATCH, HELD = 2000, 90, 500, 50


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--documents", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=60)
    arguments = parser.parse_args()
    dice = random.Random(7)
    with tempfile.TemporaryDirectory() as folder:
        journal = _journal(Path(folder))
        started = time.perf_counter()
        _fill(journal, arguments.documents, dice)
        print(f"{arguments.documents} sales written in {time.perf_counter() - started:.0f} s")
        worst = 0.0
        for name, ask in _questions(arguments.documents, dice).items():
            times = []
            for _ in range(arguments.rounds):
                before = time.perf_counter()
                journal.read(ask)
                times.append((time.perf_counter() - before) * 1000)
            worst = max(worst, *times)
            print(f"{name:28} {percentiles(times)}")
        print(
            f"largest {worst:.1f} ms, {'within' if worst <= GOAL_MS else 'ABOVE'} the goal of {GOAL_MS:g} ms"
        )
        journal.close()


def _journal(folder: Path) -> Journal:
    return Journal.open(
        folder / "journal.db",
        keys=FileKeyStore(folder / "keys"),
        witness_path=folder / "witness" / "w",
        series=Series(WORKSTATION, 1),
        store_id="S001",
        clock=SystemClock(),
        ballast_bytes=4096,
    )


def _fill(journal: Journal, documents: int, dice: random.Random) -> None:
    for start in range(0, documents, BATCH):
        drafts = [
            Draft("sale", _body(dice), _day((start + place) * DAYS // documents))
            for place in range(min(BATCH, documents - start))
        ]
        journal.record(drafts).result()
    data = b'{"total_minor":0,"pieces":0,"nets":{},"basket":' + b'{"lines":[]}' * 1 + b"}"
    for number in range(HELD):
        held = HeldBasket(f"h{number}", "可口可乐", "e1", number, data)
        journal.change(lambda connection, held=held: baskets.hold_basket(connection, held)).result()


def _body(dice: random.Random) -> dict[str, Any]:
    body = sale_body(3)
    for line in body["lines"]:
        line["sku"] = f"SKU{dice.randrange(ITEMS):06d}"
    return body


def _day(number: int) -> str:
    return f"2026-{1 + number // 30:02d}-{1 + number % 30:02d}"


def _questions(documents: int, dice: random.Random) -> dict[str, Callable[[Any], Any]]:
    total = sale_body(3)["total_minor"]

    def by_code(connection: Any) -> Any:
        number = 2 + dice.randrange(documents - 2)
        assert sold.sale_at(connection, 1, number) is not None
        return sold.returns_of(connection, WORKSTATION, 1, number)

    def search(**more: Any) -> Callable[[Any], Any]:
        return lambda connection: sold.find_sales(connection, limit=20, **more)

    return {
        "by the receipt's code": by_code,
        "by item": search(sku=f"SKU{dice.randrange(ITEMS):06d}"),
        "by item and day": search(sku=f"SKU{dice.randrange(ITEMS):06d}", business_day=_day(40)),
        "by day": search(business_day=_day(40)),
        "by amount (all the same)": search(total_minor=total),
        "by day and amount": search(business_day=_day(40), total_minor=total),
        "the newest": search(),
        "fifty held baskets": baskets.held_baskets,
    }


if __name__ == "__main__":
    main()
