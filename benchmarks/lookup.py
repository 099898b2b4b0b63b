"""A receipt found and a held basket taken up again, among a hundred thousand documents.

    python -m benchmarks.lookup [--documents 100000] [--rounds 60]

A journal of so many sales of three lines over 90 days, every tenth of one of fifty members; then what the
return key asks: by number with its earlier returns, by another store's signed code, by item, day, amount,
member, the newest ones; the list of fifty held baskets, and one taken up again. The bare yardstick reads the
same number of documents by their keys and looks at nothing. Goal: each at most 100 ms.
"""

from __future__ import annotations

import argparse
import json
import random
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from benchmarks.bare_journal import open_journal
from benchmarks.commit import WORKSTATION, sale_body
from benchmarks.report import percentiles
from pos_client.journal import baskets, sold
from pos_client.journal.baskets import HeldBasket
from pos_client.journal.draft import Draft, document_key
from pos_client.journal.journal import Journal
from pos_core.sale.receipt_code import code_text, read_code, statement_of
from pos_core.sale.receipt_summary import pack_summary
from pos_core.sale.refunding import left_of

GOAL_MS = 100.0
ITEMS, DAYS, BATCH, HELD, MEMBERS = 2000, 90, 500, 50, 50


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--documents", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=60)
    arguments = parser.parse_args()
    dice = random.Random(7)
    with tempfile.TemporaryDirectory() as folder:
        journal = open_journal(Path(folder), WORKSTATION)
        started = time.perf_counter()
        _fill(journal, arguments.documents, dice)
        print(f"{arguments.documents} sales written in {time.perf_counter() - started:.0f} s")
        bare = {
            rows: _times(journal, _bare(rows, arguments.documents, dice), arguments.rounds)
            for rows in (1, 20)
        }
        for rows, times in bare.items():
            print(f"bare: {rows:2} by their keys       {percentiles(times)}")
        worst = 0.0
        for name, ask in _questions(arguments.documents, dice).items():
            times = _times(journal, ask, arguments.rounds)
            worst = max(worst, *times)
            print(f"{name:28} {percentiles(times)}")
        print(
            f"largest {worst:.1f} ms, {'within' if worst <= GOAL_MS else 'ABOVE'} the goal of {GOAL_MS:g} ms"
        )
        journal.close()


def _times(journal: Journal, ask: Callable[[Any], Any], rounds: int) -> list[float]:
    times = []
    for _ in range(rounds):
        before = time.perf_counter()
        journal.read(ask)
        times.append((time.perf_counter() - before) * 1000)
    return times


def _bare(rows: int, documents: int, dice: random.Random) -> Callable[[Any], Any]:
    """So many documents by their keys, as bytes."""
    statement = "SELECT data FROM document WHERE document_key = ?"

    def ask(connection: Any) -> None:
        for _ in range(rows):
            key = document_key(1, 2 + dice.randrange(documents - 2))
            assert connection.execute(statement, (key,)).fetchone() is not None

    return ask


def _fill(journal: Journal, documents: int, dice: random.Random) -> None:
    for start in range(0, documents, BATCH):
        drafts = [
            Draft("sale", _body(dice), _day((start + place) * DAYS // documents))
            for place in range(min(BATCH, documents - start))
        ]
        journal.record(drafts).result()
    data = b'{"total_minor":0,"pieces":0,"nets":{},"basket":{"lines":[]}}'
    for number in range(HELD):
        held = HeldBasket(f"h{number}", "可口可乐", "e1", number, data)
        journal.change(lambda connection, held=held: baskets.hold_basket(connection, held)).result()


def _body(dice: random.Random) -> dict[str, Any]:
    body = sale_body(3)
    for line in body["lines"]:
        line["sku"] = f"SKU{dice.randrange(ITEMS):06d}"
    if dice.random() < 0.1:
        body["member_id"] = f"m{dice.randrange(MEMBERS)}"
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

    key = Ed25519PrivateKey.generate()
    header = {"workstation_id": "ws-9", "incarnation": 1, "number": 7, "store_id": "S009"}
    header |= {"business_day": _day(3), "occurred_at_ms": 1_790_000_000_000, "type": "sale"}
    packed = pack_summary({**header, "body": sale_body(3)}, chain="")
    text = code_text(packed, key.sign(statement_of(packed)))
    assert text is not None

    def by_signed_code(connection: Any) -> Any:
        found = read_code(text)
        key.public_key().verify(found.signature, found.statement)
        return left_of(found.summary.sold, sold.returns_of(connection, "ws-9", 1, 7))

    def recall(connection: Any) -> Any:
        held = baskets.held_baskets(connection)
        return json.loads(held[dice.randrange(HELD)].data)

    return {
        "by number, with returns": by_code,
        "another store's signed code": by_signed_code,
        "by member": search(member_id="m7"),
        "by item": search(sku=f"SKU{dice.randrange(ITEMS):06d}"),
        "by item and day": search(sku=f"SKU{dice.randrange(ITEMS):06d}", business_day=_day(40)),
        "by day": search(business_day=_day(40)),
        "by amount (all the same)": search(total_minor=total),
        "by day and amount": search(business_day=_day(40), total_minor=total),
        "the newest": search(),
        "fifty held baskets": baskets.held_baskets,
        "one taken up again": recall,
    }


if __name__ == "__main__":
    main()
