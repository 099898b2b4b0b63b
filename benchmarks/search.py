"""Search by name, part, brand, pinyin and initials over 100,000 or a million items; and scan → item + price.

    python -m benchmarks.search [--items 100000] [--queries 2000]

Goals: search p99 ≤ 30 ms at 100,000 items and ≤ 60 ms at 1,000,000; scan → item and price ≤ 2 ms.
The file is encrypted and opened as the product opens it; a query is `Replica.search`, items included.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks import reference_replica as reference
from benchmarks.report import percentiles
from pos_client.replica.replica import Replica
from pos_core.sync.digest import row_hash
from sync_server.store.replica_file import ReplicaFile

KEY = b"k" * 32


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--items", type=int, default=reference.ITEMS)
    arguments.add_argument("--queries", type=int, default=2000)
    options = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "replica.db"
        started = time.perf_counter()
        build(path, options.items)
        seconds, mebibytes = time.perf_counter() - started, path.stat().st_size >> 20
        print(f"{options.items} items, built in {seconds:.1f} s, {mebibytes} MiB")
        replica = Replica(path, KEY, store_id=reference.STORE_ID)
        try:
            measure(replica, options.items, options.queries)
        finally:
            replica.close()


def build(path: Path, items: int) -> None:
    with ReplicaFile(path, KEY) as file:
        for kind, rows in (
            ("store", iter(reference.stores())),
            ("item", reference.items(items)),
            ("gtin", reference.gtins(items * 13 // 10, items=items)),
        ):
            file.add_rows(kind, ((row, row_hash(kind, row)) for row in rows))
        file.add_prices(1, ([*row] for row in reference.prices(items)))
        file.finish(scope="chain", epoch="e1", sequence=1)


def measure(replica: Replica, items: int, queries: int) -> None:
    dice = random.Random(3)
    rows = list(reference.items(2000, seed=1))
    everything: list[float] = []
    for title, make in query_makers().items():
        taken = []
        for _ in range(queries):
            typed = make(dice, dice.choice(rows))
            started = time.perf_counter()
            found = replica.search(typed)
            taken.append((time.perf_counter() - started) * 1000)
            assert len(found) <= 20
        everything += taken
        print(f"  {title:28} {percentiles(taken)}")
    print(f"  {'all searches':28} {percentiles(everything)}")
    scans = []
    for _ in range(queries * 5):
        code = reference.gtin14(dice.randrange(items))
        started = time.perf_counter()
        found_item = replica.resolve_gtin(code)
        assert found_item is not None
        price = replica.price_at(found_item[0].sku, release_version=1, instant_ms=1, price_list_id="PL1")
        scans.append((time.perf_counter() - started) * 1000)
        assert price is not None
    print(f"  {'scan: item and list price':28} {percentiles(scans)}")


def query_makers() -> dict[str, Callable[[random.Random, list[object]], str]]:
    def part(length: int) -> Callable[[random.Random, list[object]], str]:
        def make(dice: random.Random, row: list[object]) -> str:
            name = str(row[1])
            start = dice.randrange(max(1, len(name) - length))
            return name[start : start + length]

        return make

    def letters(column: int, length: int) -> Callable[[random.Random, list[object]], str]:
        return lambda dice, row: str(row[column])[: dice.randint(1, length)]

    return {
        "1 character": part(1),
        "2 characters": part(2),
        "4 characters": part(4),
        "whole name": lambda dice, row: str(row[1]),
        "brand and kind": lambda dice, row: f"{row[4]} {str(row[1])[-6:-2]}",
        "pinyin, 1 to 12 letters": letters(13, 12),
        "initials, 1 to 8 letters": letters(14, 8),
        "initials in the middle": lambda dice, row: str(row[14])[2:5],
        "two parts not side by side": lambda dice, row: f"{str(row[1])[0]}{str(row[1])[-3]}",
        "nothing like it": lambda dice, row: "".join(dice.sample(str(row[1]), 4)),
    }


if __name__ == "__main__":
    main()
