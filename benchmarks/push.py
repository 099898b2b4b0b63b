"""10,000 sale documents pushed, verified and durable on both ends, beside one bare insert of all their rows.

    python -m benchmarks.push [--sales 10000] [--lines 3] [--rounds 5]

Product: one push over loopback HTTP from a workstation's journal to a server in another process: resume
point, batches of up to 1,000, head signatures, requests and answers signed, hashes and chain checked,
bodies checked, rows projected, committed with `synchronous=FULL`, and the resume point kept durably on the
workstation after each batch. Bare: the rows that the workstation's and the server's tables hold for these
documents, ready made, into empty encrypted files of the same schema, one durable transaction each.
Goal: ≤ 5 ×.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from pathlib import Path

from benchmarks import reference_replica as reference
from benchmarks.bare_copy import BareCopy
from benchmarks.commit import sale_body
from benchmarks.head_office_process import found, running
from benchmarks.report import ratios, spread
from benchmarks.workstation import BenchmarkTill, enrolled
from pos_client.journal.draft import Draft
from sync_server.services.data_folder import DataFolder
from sync_server.services.keys import load_keys
from sync_server.store import feed

GOAL = 5.0
_AT_ONCE = 200
_SERVER_TABLES_WITHOUT_SALES = ("feed_row", "chain_state", "audit", "blob", "workstation", "enrolment_code")


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--sales", type=int, default=10_000)
    arguments.add_argument("--lines", type=int, default=3)
    arguments.add_argument("--rounds", type=int, default=5)
    options = arguments.parse_args()
    rounds = []
    rows = 0
    for _ in range(options.rounds):
        with tempfile.TemporaryDirectory() as temporary:
            pushed, bare, rows = one_round(Path(temporary), options.sales, options.lines)
            rounds.append((pushed, bare))
    product, floor = zip(*rounds, strict=True)
    print(
        f"{options.sales} sales of {options.lines} lines, {rows} rows on both ends, {options.rounds} rounds"
    )
    print(f"  pushed, verified, durable  {spread(product)}")
    print(f"  bare insert, both ends     {spread(floor)}")
    print(f"  ratio                      {ratios(product, floor, GOAL)}")


def one_round(folder: Path, sales: int, lines: int) -> tuple[float, float, int]:
    office = found(folder / "office")
    office.store.write(lambda txn: feed.put_rows(txn, "store", "chain", reference.stores()))
    code = office.enrolment.new_code(reference.STORE_ID, minutes=60, ca_fingerprint=None).code
    office.close()
    with running(folder / "office") as url:
        till = enrolled(folder / "till", url, code)
        try:
            sell(till, sales, lines)
            pushed = timed_push(till)
            till_key = till.keys.get("journal_key")
        finally:
            till.close()
    assert till_key is not None
    client = BareCopy(folder / "till" / "journal.db", till_key)
    server = server_copy(folder / "office")
    bare = client.insert(folder / "bare-client.db", till_key) + server.insert(
        folder / "bare-server.db", till_key
    )
    return pushed, bare, client.count + server.count


def sell(till: BenchmarkTill, sales: int, lines: int) -> None:
    body = sale_body(lines)
    dice = random.Random(1)
    for start in range(0, sales, _AT_ONCE):
        drafts = [
            Draft(
                "sale", body | {"instant_ms": dice.randrange(10**12, 2 * 10**12)}, "2026-11-22", "E1", "SH1"
            )
            for _ in range(min(_AT_ONCE, sales - start))
        ]
        till.journal.record(drafts).result()


def timed_push(till: BenchmarkTill) -> float:
    pusher = till.client._exchange._pusher
    started = time.perf_counter()
    done = pusher.push(till.journal.series, keep_going=lambda: None)
    taken = time.perf_counter() - started
    assert done.resume.acked_number == till.journal.head().number and not done.quarantined, done.quarantined
    return taken


def server_copy(data: Path) -> BareCopy:
    """What head office holds of the sales, out of a file with its schema."""
    folder = DataFolder(data)
    key = load_keys(folder).database
    return BareCopy(folder.database, key, lambda table: table not in _SERVER_TABLES_WITHOUT_SALES)


if __name__ == "__main__":
    main()
