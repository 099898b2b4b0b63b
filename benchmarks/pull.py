"""100,000 reference rows pulled into a fresh encrypted replica, beside bare inserts of the same rows.

    python -m benchmarks.pull [--rows 100000] [--rounds 5]

Product: one exchange's pull over loopback HTTP from a server in another process: requests signed, answers
verified, pages decoded, row digests made, rows and cursor per page durable. Bare: the same rows into the
same tables of an encrypted file, one durable transaction. The product's time ends when an item of the last
page scans and is found by name: a search reads through items whose index entries are behind. The upkeep
that brings those entries afterwards in the background is printed beside it, and the search in the meantime.
The first round meets a server with a cold page cache.
Goal: ≤ 3 ×. The mix: 30 % items, 39 % GTINs, 31 % members of the store.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

from benchmarks import reference_replica as reference
from benchmarks.bare_copy import BareCopy
from benchmarks.head_office_process import found, running
from benchmarks.report import ratios, spread
from benchmarks.workstation import BenchmarkTill, enrolled
from sync_server.store import feed

GOAL = 3.0


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--rows", type=int, default=100_000)
    arguments.add_argument("--rounds", type=int, default=5)
    options = arguments.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        codes = fill(folder / "office", options.rows, options.rounds)
        with running(folder / "office") as url:
            rounds = [one_round(folder, url, code, number) for number, code in enumerate(codes)]
    product, upkeep, slowest, bare, tuned = zip(*rounds, strict=True)
    print(f"{options.rows} rows, {options.rounds} rounds")
    print(
        f"  applied, durable, scan, found by name  {spread(product)}; first round (cold) {product[0]:.3f} s"
    )
    print(f"  slowest search until indexed           {spread(slowest)}")
    print(f"  index upkeep in the background         {spread(upkeep)}")
    print(f"  bare insert                            {spread(bare)}")
    print(f"  ratio                                  {ratios(product, bare, GOAL)}")
    print(f"  … with the product's driver settings   {spread(tuned)}; {ratios(product, tuned, GOAL)}")


def fill(data: Path, rows: int, codes: int) -> list[str]:
    """A chain with the mix; returns enrolment codes."""
    office = found(data)
    items = rows * 30 // 100
    mix = [
        ("store", "chain", reference.stores()),
        ("item", "chain", list(reference.items(items))),
        ("gtin", "chain", list(reference.gtins(rows * 39 // 100, items=items))),
        ("member", f"store:{reference.STORE_ID}", list(reference.members(rows * 31 // 100))),
    ]
    for kind, scope, content in mix:
        office.store.write(lambda txn, k=kind, s=scope, c=content: feed.put_rows(txn, k, s, c))
    made = [
        office.enrolment.new_code(reference.STORE_ID, minutes=60, ca_fingerprint=None).code
        for _ in range(codes)
    ]
    office.close()
    return made


def one_round(folder: Path, url: str, code: str, number: int) -> tuple[float, ...]:
    till = enrolled(folder / f"till{number}", url, code)
    try:
        pulled, upkeep, slowest = timed_pull(till)
        key = till.keys.get("replica_key")
        assert key is not None
        till.replica.write(lambda c: None)
        copy = BareCopy(till.replica.path, key, lambda table: not table.startswith("search"))
        bare = copy.insert(folder / f"bare{number}.db", key)
        tuned = copy.insert_as_here(folder / f"tuned{number}.db", key)
    finally:
        till.close()
    return pulled, upkeep, slowest, bare, tuned


def timed_pull(till: BenchmarkTill) -> tuple[float, float, float]:
    exchange = till.client._exchange
    exchange._pusher.resume_point(till.journal.series)
    started = time.perf_counter()
    for scope in ("chain", f"store:{reference.STORE_ID}"):
        exchange._puller.pull(scope, exchange._epoch, keep_going=lambda: None)
    assert till.replica.resolve_gtin(reference.gtin14(5)) and till.replica.search("矿泉水")
    pulled = time.perf_counter() - started
    upkeep, slowest, going = 0.0, 0.0, True
    while going:
        started = time.perf_counter()
        going = till.replica.index_search() > 0
        indexed = time.perf_counter()
        assert till.replica.search("矿泉水")
        upkeep += indexed - started
        slowest = max(slowest, time.perf_counter() - indexed)
    return pulled, upkeep, slowest


if __name__ == "__main__":
    main()
