"""How long until a sale is durable, beside one bare encrypted transaction of the same rows and one flush.

    python -m benchmarks.commit [--sales 400] [--rounds 8] [--folder DIR]

Product: `Journal.record` from the calling thread until its future resolves: canonical bytes, hash, chain,
COMMIT (synchronous=FULL), witness flushed. Bare: BEGIN IMMEDIATE, the same rows ready made into the same
tables of a file with the same settings, COMMIT, then one append and flush. Rounds are interleaved, so both
meet the same disk. Checkpoints are outside both figures (the product runs them when nobody waits).
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

from pos_client.journal import opening
from pos_client.journal.draft import Draft, Recorded
from pos_client.journal.journal import Journal
from pos_client.keys.key_store import FileKeyStore
from pos_client.storage.connection import Connection
from pos_client.storage.database import build_database, open_database
from pos_client.storage.durable import flush, write_all
from pos_client.storage.migrations import apply_steps
from pos_core.canonical import parse_strict
from pos_core.sync.document import Series
from pos_core.sync.projection import TABLES, project

WORKSTATION = "0192f0c1-2222-7000-8000-000000000001"
LINES = 12
GOAL = 1.5


class _SystemClock:
    def now_ms(self) -> int:
        return time.time_ns() // 1_000_000

    def monotonic_ms(self) -> int:
        return time.monotonic_ns() // 1_000_000


def sale_body(lines: int = LINES) -> dict[str, Any]:
    """A basket of everyday size: pieces at 2.00, paid in cash."""
    return {
        "currency": "CNY",
        "exponent": 2,
        "price_list_id": "PL1",
        "instant_ms": 1_790_000_000_000,
        "channel": "pos",
        "member_id": None,
        "lines": [
            {
                "line_no": number,
                "sku": f"SKU{number:06d}",
                "gtin": "06901234567892",
                "name": "农夫山泉饮用天然水550ml",
                "department_code": "0101",
                "quantity_milli": 1000,
                "unit_price_minor": 200,
                "list_minor": 200,
                "discounts": [],
                "net_minor": 200,
                "tax_class_code": "A",
                "tax_rate_ppm": 130_000,
                "tax_minor": 23,
                "entered": "scan",
            }
            for number in range(1, lines + 1)
        ],
        "voided_lines": [],
        "subtotal_minor": 200 * lines,
        "discount_minor": 0,
        "cash_rounding_minor": 0,
        "total_minor": 200 * lines,
        "tax_minor": 23 * lines,
        "tenders": [
            {
                "tender_code": "cash",
                "tender_kind": "cash",
                "amount_minor": 200 * lines,
                "change_minor": 0,
                "confirmed": None,
                "reference": None,
            }
        ],
        "pricing": None,
        "external_ref": None,
    }


class Bare:
    """The least that would make the same rows durable: no hash, no thread, rows ready made."""

    def __init__(self, folder: Path) -> None:
        path, key = folder / "bare.db", os.urandom(32)
        build_database(path, key, self._build, application_id=opening.APPLICATION_ID)
        self._connection: Connection = open_database(
            path, key, application_id=opening.APPLICATION_ID, own_checkpoints=True
        )
        self._log = os.open(folder / "bare.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._inserts = {
            name: f"INSERT INTO {name} VALUES ({', '.join('?' * len(table.columns))})"
            for name, table in TABLES.items()
        }

    @staticmethod
    def _build(connection: Connection) -> None:
        apply_steps(connection, opening.STEPS)
        connection.execute("INSERT INTO series VALUES (1, ?, 'S001')", (WORKSTATION,))

    def prepare(self, recorded: Recorded) -> tuple[tuple[Any, ...], dict[str, list[Any]]]:
        """The rows of a document that the product wrote."""
        document = parse_strict(recorded.data)
        row = (
            1 << 40 | recorded.number,
            1,
            recorded.number,
            document["type"],
            document["document_id"],
            document["occurred_at_ms"],
            document["hlc"],
            document["business_day"],
            document["operator_id"],
            document["shift_id"],
            None,
            recorded.hash,
            recorded.data,
        )
        return row, project(document, document["body"])

    def commit(self, rows: tuple[tuple[Any, ...], dict[str, list[Any]]], line: bytes) -> None:
        """One transaction, one append, one flush."""
        connection = self._connection
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("INSERT INTO document VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?)", rows[0])
        for table, values in rows[1].items():
            connection.executemany(self._inserts[table], values)
        connection.execute("COMMIT")
        write_all(self._log, line)
        flush(self._log)

    def checkpoint(self) -> None:
        """Outside the measured time."""
        self._connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()


def measure(folder: Path, sales: int, rounds: int) -> list[tuple[list[float], list[float]]]:
    """Per round the times in ms of `sales` commits of the product and of the bare pair."""
    journal = Journal.open(
        folder / "journal.db",
        keys=FileKeyStore(folder / "keys"),
        witness_path=folder / "witness",
        series=Series(WORKSTATION, 1),
        store_id="S001",
        clock=_SystemClock(),
    )
    bare = Bare(folder)
    body = sale_body()
    line = b"x" * 250 + b"\n"
    found = []
    for turn in range(rounds + 1):
        product_ms, bare_ms, recorded = [], [], []
        for _ in range(sales):
            draft = Draft("sale", body, "2026-11-22", "1001", "shift-1")
            start = time.perf_counter()
            recorded += journal.record([draft]).result()
            product_ms.append((time.perf_counter() - start) * 1000)
        prepared = [bare.prepare(one) for one in recorded]
        for rows in prepared:
            start = time.perf_counter()
            bare.commit(rows, line)
            bare_ms.append((time.perf_counter() - start) * 1000)
        bare.checkpoint()
        journal.outside(lambda c: c.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()).result()
        if turn:  # the first round warms caches up
            found.append((product_ms, bare_ms))
    journal.close()
    return found


def _percentile(values: list[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def main() -> None:
    """Prints both figures, their ratio and its spread over the rounds."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--sales", type=int, default=400)
    parser.add_argument("--rounds", type=int, default=8)
    parser.add_argument("--folder", type=Path, help="where to write (default: the system's temporary folder)")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=arguments.folder) as name:
        found = measure(Path(name), arguments.sales, arguments.rounds)
    print(f"{arguments.rounds} rounds of {arguments.sales} sales with {LINES} lines; ms")
    for label, share in (("p50", 0.50), ("p99", 0.99)):
        product = [_percentile(one, share) for one, _ in found]
        bare = [_percentile(other, share) for _, other in found]
        ratios = [one / other for one, other in zip(product, bare, strict=True)]
        ratio = statistics.median(ratios)
        print(
            f"{label}: product {statistics.median(product):.3f} ({min(product):.3f} to {max(product):.3f}),"
            f" bare {statistics.median(bare):.3f} ({min(bare):.3f} to {max(bare):.3f}),"
            f" ratio {ratio:.2f} ({min(ratios):.2f} to {max(ratios):.2f}), goal {GOAL}:"
            f" {'reached' if ratio <= GOAL else 'MISSED'}"
        )


if __name__ == "__main__":
    main()
