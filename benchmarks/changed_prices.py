"""100,000 changed prices on a workstation, beside bare upserts of the same rows into the same kind of file.

    python -m benchmarks.changed_prices [--prices 100000] [--rounds 5]

Product: a release that changes every price reaches a workstation that holds the one before: the feed's row
pulled, the manifest's signature and the chain of manifests checked, the file fetched over loopback HTTP,
hashed, unpacked, its rows checked and staged durably in one transaction, and switched on. Bare: as many rows
upserted under their keys into the `price` table of an encrypted file that holds the old ones, one durable
transaction. Goal: ≤ 3 ×.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

from benchmarks import reference_replica as reference
from benchmarks.bare_copy import opened
from benchmarks.head_office_process import SystemClock, found, running
from benchmarks.report import ratios, spread
from benchmarks.workstation import BenchmarkTill, enrolled
from pos_core.canonical import canonical_bytes
from sync_server.head_office import HeadOffice
from sync_server.services.releases import ReleaseFile
from sync_server.store import feed

GOAL = 3.0
_COLUMNS = ["price_list_id", "sku", "effective_from_ms", "effective_to_ms", "price_minor"]
_UPSERT = (
    "INSERT INTO price (price_list_id, sku, since_release, effective_from_ms, effective_to_ms, price_minor)"
    " VALUES (?, ?, 1, ?, ?, ?)"
    " ON CONFLICT (price_list_id, sku, since_release, effective_from_ms)"
    " DO UPDATE SET effective_to_ms = excluded.effective_to_ms, price_minor = excluded.price_minor"
)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    arguments.add_argument("--prices", type=int, default=100_000)
    arguments.add_argument("--rounds", type=int, default=5)
    options = arguments.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        code = begin(folder / "office", options.prices)
        with running(folder / "office") as url:
            till = enrolled(folder / "till", url, code)
            till.client.exchange()
        rounds = [one_round(folder, till, options.prices, number) for number in range(1, options.rounds + 1)]
        till.close()
    product, bare = zip(*rounds, strict=True)
    print(f"{options.prices} changed prices, {options.rounds} rounds")
    print(f"  pulled, checked, staged, on  {spread(product)}")
    print(f"  bare upserts                 {spread(bare)}")
    print(f"  ratio                        {ratios(product, bare, GOAL)}")


def begin(data: Path, prices: int) -> str:
    """A chain whose first release has these prices; an enrolment code."""
    office = found(data)
    office.store.write(lambda txn: feed.put_rows(txn, "store", "chain", reference.stores()))
    publish(office, prices, 0)
    code = office.enrolment.new_code(reference.STORE_ID, minutes=60, ca_fingerprint=None).code
    office.close()
    return code


def publish(office: HeadOffice, prices: int, more: int) -> None:
    """Every price, `more` dearer than at first."""
    rows = [[*row[:4], row[4] + more] for row in reference.prices(prices)]
    content = canonical_bytes({"columns": _COLUMNS, "rows": rows})
    file = ReleaseFile("prices", "delta" if more else "base", content)
    now = SystemClock().now_ms()
    office.store.write(lambda txn: office.releases.publish(txn, [file], effective_from_ms=now))


def one_round(folder: Path, till: BenchmarkTill, prices: int, number: int) -> tuple[float, float]:
    from sync_server.bootstrap import open_head_office

    office = open_head_office(folder / "office")
    publish(office, prices, number)
    office.close()
    with running(folder / "office") as url:
        till.client._exchange._wire._base_url = url
        exchange = till.client._exchange
        exchange._pusher.resume_point(till.journal.series)
        now = SystemClock().now_ms()
        started = time.perf_counter()
        exchange._puller.pull("chain", exchange._epoch, keep_going=lambda: None)
        assert exchange._releases.stage_new(now, keep_going=lambda: None)
        till.replica.switch_due(now)
        active = till.replica.active_release(now)
        assert active is not None and active.version == number + 1
        price = till.replica.price_at(
            "SKU0000005", release_version=active.version, instant_ms=now, price_list_id="PL1"
        )
        taken = time.perf_counter() - started
    assert price is not None and price.price_minor == 105 + number, price
    key = till.keys.get("replica_key")
    assert key is not None
    return taken, bare(folder / f"bare{number}.db", key, prices, number)


def bare(path: Path, key: bytes, prices: int, number: int) -> float:
    """Seconds of the upserts alone, over a file that holds the prices of before."""
    from pos_client.replica.schema import build_replica

    build_replica(path, key)
    connection = opened(path, key)
    connection.execute("PRAGMA synchronous = FULL")
    rows = [(row[0], row[1], row[2], row[3], row[4]) for row in reference.prices(prices)]
    connection.execute("BEGIN IMMEDIATE")
    connection.executemany(_UPSERT, rows)
    connection.execute("COMMIT")
    changed = [(*row[:4], row[4] + number) for row in rows]
    started = time.perf_counter()
    connection.execute("BEGIN IMMEDIATE")
    connection.executemany(_UPSERT, changed)
    connection.execute("COMMIT")
    taken = time.perf_counter() - started
    connection.close()
    path.unlink()
    return taken


if __name__ == "__main__":
    main()
