"""One-row records pushed by our client to our server beside Anki's to Anki's: the same texts, one run.

    python -m benchmarks.push_peers --anki ENVIRONMENT/bin/python [--records 10000] [--rounds 5]

The environment has anki (`pip install anki`), outside of this repository; where it is missing it is named and
left out. Ours: a `signed_off` document a record, its text as the reason: one row in the journal, one at head
office, nothing that follows from it, as a peer's record is nothing but kept; and everything on (canonical
bytes, chain, shape, head signatures, signed requests and answers, encryption, `synchronous=FULL` on both
ends, a resume point after each batch). Beside it the same as `no_sale`, which the states of the shift and of
the operator's watch follow from. Anki: a note with its card, two rows a record, as the peers were measured;
and rows of its review log, one a record. Neither signs nor encrypts. Bare: the records into one plain table,
one durable transaction. All know each other before: a batch was pushed, and Anki has synchronised once.
Rounds are interleaved. Clock and processor time of both ends: on a busy machine only the latter compares.
Goal: at least 3 × as fast as Anki with notes.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import sqlcipher3.dbapi2 as sqlcipher

from benchmarks import reference_replica as reference
from benchmarks.head_office_process import found
from benchmarks.load.server import LoadServer, load_server
from benchmarks.peers import HERE, asked, imports
from benchmarks.push import timed_push
from benchmarks.report import spread
from benchmarks.workstation import BenchmarkTill, enrolled
from pos_client.journal.draft import Draft
from sync_server.store import feed

GOAL = 3.0
OURS = {"ours": "signed_off", "ours, with states": "no_sale"}
_AT_ONCE = 1000
Figure = tuple[float, float]
"""Seconds by the clock, and of the processor."""


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    arguments.add_argument("--anki", help="an interpreter with anki")
    arguments.add_argument("--records", type=int, default=10_000)
    arguments.add_argument("--rounds", type=int, default=5)
    options = arguments.parse_args()
    anki = options.anki if options.anki and imports(options.anki, "anki") else None
    if anki is None:
        print("Anki is not installed there: left out (--anki INTERPRETER)")
    records = [[f"ws-1/{number}", _text(number)] for number in range(options.records)]
    seen: dict[str, list[Figure]] = {}
    for _ in range(options.rounds):
        for name, figure in one_round(records, anki).items():
            seen.setdefault(name, []).append(figure)
    print(f"{options.records} records, {options.rounds} rounds, load {os.getloadavg()[0]:.1f}")
    for name, figures in seen.items():
        show(name, figures, seen)


def one_round(records: Sequence[Sequence[str]], anki: str | None) -> dict[str, Figure]:
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        figures = {"bare insert": bare(folder / "bare.db", records)}
        for name, kind in OURS.items():
            figures[name] = ours(folder / kind, records, kind)
    answer = asked([anki, str(HERE / "run_anki.py")], {"records": records}) if anki else None
    if answer is not None:
        figures |= {"Anki, notes": answer["notes"], "Anki, review log": answer["reviews"]}
    return figures


def _text(number: int) -> str:
    return f'{{"amount":{number},"store":"S001","t":{10**12 + number}}}'


def bare(path: Path, records: Sequence[Sequence[str]]) -> Figure:
    connection = sqlcipher.connect(str(path), isolation_level=None)  # no key: a plain file
    connection.execute("PRAGMA journal_mode = WAL").fetchall()
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("CREATE TABLE record (id TEXT PRIMARY KEY, text TEXT NOT NULL)")
    busy, started = time.process_time(), time.perf_counter()
    connection.execute("BEGIN IMMEDIATE")
    connection.executemany("INSERT INTO record VALUES (?, ?)", records)
    connection.execute("COMMIT")
    figure = time.perf_counter() - started, time.process_time() - busy
    connection.close()
    return figure


def ours(folder: Path, records: Sequence[Sequence[str]], kind: str) -> Figure:
    folder.mkdir()
    office = found(folder / "office")
    office.store.write(lambda txn: feed.put_rows(txn, "store", "chain", reference.stores()))
    code = office.enrolment.new_code(reference.STORE_ID, minutes=60, ca_fingerprint=None).code
    office.close()
    with load_server(folder / "office") as server:
        till = enrolled(folder / "till", server.url, code)
        try:
            return _pushed(till, server, records, kind)
        finally:
            till.close()


def _pushed(till: BenchmarkTill, server: LoadServer, records: Sequence[Sequence[str]], kind: str) -> Figure:
    _record(till, kind, ["before"] * _AT_ONCE)
    timed_push(till)
    for start in range(0, len(records), _AT_ONCE):
        _record(till, kind, [text for _, text in records[start : start + _AT_ONCE]])
    busy = time.process_time() + server.cpu_s()
    taken = timed_push(till)
    return taken, time.process_time() + server.cpu_s() - busy


def _record(till: BenchmarkTill, kind: str, texts: Sequence[str]) -> None:
    drafts = [Draft(kind, {"reason": text}, "2026-11-22", "E1", "SH1") for text in texts]
    till.journal.record(drafts).result()


def show(name: str, figures: Sequence[Figure], seen: dict[str, list[Figure]]) -> None:
    clock, busy = zip(*figures, strict=True)
    line = f"{name:<18} {spread(clock)}, processor {spread(busy)}"
    if name != "bare insert":
        line += f"; × bare {_times(clock, [one[0] for one in seen['bare insert']]):.1f}"
    if name.startswith("Anki"):
        line += f"; ours is {_times(clock, [one[0] for one in seen['ours']]):.2f} × as fast by the clock,"
        line += f" {_times(busy, [one[1] for one in seen['ours']]):.2f} × of processor time"
    print(line + (f" (goal {GOAL:g} ×)" if name == "Anki, notes" else ""))


def _times(one: Sequence[float], other: Sequence[float]) -> float:
    return statistics.median(a / b for a, b in zip(one, other, strict=True))


if __name__ == "__main__":
    main()
