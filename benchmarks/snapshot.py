"""A new workstation from a snapshot, beside inserting its rows, indexes in place, into an encrypted file.

    python -m benchmarks.snapshot [--items 100000] [--members 4334] [--rounds 3]

Product: the offer asked for, the file downloaded over loopback HTTP, hashed while it comes, its key
unsealed, every release's signature and files checked, our own rows carried over, put in place, open again;
then what has changed since, and the store's own members, pulled as pages, for a member slice is never in a
file that several stores share; until it answers a scan, a search and a member's phone. Bare: the same rows
and the same search index into an empty encrypted file whose indexes are there already, one durable
transaction. Goal: at least 10 × faster. The members: 1.3 million over 300 stores; `--members 1300000` is a
store that knows the whole chain's (policy `member_scope`: chain). Yardstick: the same file downloaded from
the same server and its SHA-256, nothing else; the members are not in it.
"""

from __future__ import annotations

import argparse
import hashlib
import statistics
import tempfile
import time
from itertools import islice
from pathlib import Path

from benchmarks import reference_replica as reference
from benchmarks.bare_copy import opened
from benchmarks.head_office_process import SystemClock, found, running
from benchmarks.report import spread
from benchmarks.workstation import enrolled
from pos_client.replica.schema import build_replica
from pos_client.sync.wire import Wire
from pos_core.canonical import canonical_bytes
from pos_core.catalog.search_text import entry_terms
from pos_core.sync.protocol import SnapshotOffer
from resources.replica import INSERT_SEARCH_TERMS
from sync_server.services.releases import ReleaseFile
from sync_server.store import feed

GOAL = 10.0
_AT_ONCE = 100_000
_COLUMNS = ["price_list_id", "sku", "effective_from_ms", "effective_to_ms", "price_minor"]


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--items", type=int, default=reference.ITEMS)
    arguments.add_argument("--members", type=int, default=reference.MEMBERS // 300 + 1)
    arguments.add_argument("--rounds", type=int, default=3)
    options = arguments.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        codes, built = fill(folder / "office", options.items, options.members, options.rounds)
        with running(folder / "office") as url:
            rounds = [one_round(folder, url, code, number) for number, code in enumerate(codes)]
    first, product, bare, hashed, sizes, rows = zip(*rounds, strict=True)
    faster = [other / one for one, other in zip(product, bare, strict=True)]
    print(
        f"{options.items} items, {options.members} members, {rows[0]} rows, file {sizes[0] >> 20} MiB,"
        f" built by the server in {built:.1f} s"
    )
    print(f"  from the snapshot          {spread(product)}")
    print(f"  … until the file is there  {spread(first)}")
    print(f"  rows inserted              {spread(bare)}")
    far = statistics.median(one / other for one, other in zip(first, hashed, strict=True))
    print(f"  downloaded and hashed only {spread(hashed)}; the file in place takes {far:.1f} × of that")
    verdict = "within" if statistics.median(faster) >= GOAL else "BELOW"
    print(
        f"  faster by                  {statistics.median(faster):.1f} ×"
        f" ({min(faster):.1f}–{max(faster):.1f}), {verdict} the goal of {GOAL:g} ×"
    )


def fill(data: Path, items: int, members: int, rounds: int) -> tuple[list[str], float]:
    """A chain with items, GTINs, a store's members and a release; codes, and the seconds of a build."""
    office = found(data)
    for kind, scope, rows in (
        ("store", "chain", reference.stores()),
        ("item", "chain", list(reference.items(items))),
        ("gtin", "chain", list(reference.gtins(items * 13 // 10, items=items))),
    ):
        office.store.write(lambda txn, k=kind, s=scope, r=rows: feed.put_rows(txn, k, s, r))
    source, scope = reference.members(members), f"store:{reference.STORE_ID}"
    while some := list(islice(source, _AT_ONCE)):
        office.store.write(lambda txn, r=some: feed.put_rows(txn, "member", scope, r))  # type: ignore[misc]
    prices = canonical_bytes({"columns": _COLUMNS, "rows": list(reference.prices(items))})
    file = ReleaseFile("prices", "base", prices)
    now = SystemClock().now_ms()
    office.store.write(lambda txn: office.releases.publish(txn, [file], effective_from_ms=now))
    started = time.perf_counter()
    office.snapshots.build()
    built = time.perf_counter() - started
    codes = [
        office.enrolment.new_code(reference.STORE_ID, minutes=60, ca_fingerprint=None).code
        for _ in range(rounds)
    ]
    office.close()
    return codes, built


def one_round(folder: Path, url: str, code: str, number: int) -> tuple[float, float, float, float, int, int]:
    """Seconds until the file is in place, until all is there, of bare inserts, of download and hash."""
    till = enrolled(folder / f"till{number}", url, code)
    try:
        exchange = till.client._exchange
        exchange._pusher.resume_point(till.journal.series)
        started = time.perf_counter()
        assert exchange._snapshots.fetch("chain", keep_going=lambda: None)
        first = time.perf_counter() - started
        for scope in ("chain", f"store:{reference.STORE_ID}"):
            exchange._puller.pull(scope, exchange._epoch, keep_going=lambda: None)
        assert till.replica.member_by_blind_index(next(reference.members(1))[1])
        assert till.replica.resolve_gtin(reference.gtin14(5)) and till.replica.search("矿泉水")
        taken = time.perf_counter() - started
        key = till.keys.get("replica_key")
        assert key is not None
        hashed, size = downloaded(exchange._wire)
    finally:
        till.close()
    bare, rows = insert_rows(till.replica.path, folder / f"bare{number}.db", key)
    return first, taken, bare, hashed, size, rows


def downloaded(wire: Wire) -> tuple[float, int]:
    """Seconds for the file's bytes and their SHA-256, kept nowhere, and how many they are."""
    offer = wire.get("/v1/snapshot?scope=chain", SnapshotOffer)
    found = hashlib.sha256()
    started = time.perf_counter()
    wire.download(f"/v1/blobs/{offer.sha256}", found.update, length=offer.length)
    taken = time.perf_counter() - started
    assert found.hexdigest() == offer.sha256
    return taken, offer.length


def insert_rows(source: Path, path: Path, key: bytes) -> tuple[float, int]:
    """Seconds to insert what the snapshot holds; terms and values are ready made."""
    reading = opened(source, key)
    names = [
        name
        for (name,) in reading.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        if not name.startswith(("search_gram", "sqlite_", "schema_step"))
    ]
    content = {name: reading.execute(f"SELECT * FROM {name}").fetchall() for name in names}
    terms = [(row[0], entry_terms(*row[2:])) for row in content["search_entry"]]
    reading.close()
    build_replica(path, key)
    writing = opened(path, key)
    writing.execute("PRAGMA synchronous = FULL")
    started = time.perf_counter()
    writing.execute("BEGIN IMMEDIATE")
    for name, rows in content.items():
        if rows:
            writing.executemany(f"INSERT INTO {name} VALUES ({', '.join('?' * len(rows[0]))})", rows)
    writing.executemany(INSERT_SEARCH_TERMS, terms)
    writing.execute("COMMIT")
    taken = time.perf_counter() - started
    writing.close()
    return taken, sum(map(len, content.values()))


if __name__ == "__main__":
    main()
