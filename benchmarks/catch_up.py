"""Thirty days offline: five workstations of a store come back at once, each with all that it has sold.

    python -m benchmarks.catch_up [--workstations 5] [--days 30] [--sales 500] [--lines 3]

Each workstation is a process of its own with the real program: it enrols, pulls, then sells offline for so
many business days, while head office changes a tenth of its items and all prices each week. Then all of them
sync at the same time. Printed: how long until the last is done, documents a second, and the largest resident
memory of a workstation and of the server. Goal: ≤ 10 minutes for 75,000 documents, memory bounded.
"""

from __future__ import annotations

import argparse
import datetime
import json
import random
import resource
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from benchmarks import reference_replica as reference
from benchmarks.changed_prices import publish
from benchmarks.commit import sale_body
from benchmarks.head_office_process import found
from benchmarks.load.server import LoadServer, load_server
from sync_server.bootstrap import open_head_office
from sync_server.store import document, feed

GOAL_S = 600
ITEMS, PRICES = 10_000, 10_000
_AT_ONCE = 50


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    arguments.add_argument("--workstations", type=int, default=5)
    arguments.add_argument("--days", type=int, default=30)
    arguments.add_argument("--sales", type=int, default=500)
    arguments.add_argument("--lines", type=int, default=3)
    arguments.add_argument("--till", nargs=3, help=argparse.SUPPRESS)
    options = arguments.parse_args()
    if options.till:
        till(options)
        return
    with tempfile.TemporaryDirectory() as temporary:
        run(Path(temporary), options)


def run(folder: Path, options: argparse.Namespace) -> None:
    codes = begin(folder / "office", options.workstations)
    with load_server(folder / "office") as server:
        tills = [start(folder / f"till{n}", server.url, code, options) for n, code in enumerate(codes)]
        for one in tills:
            told(one)  # enrolled, pulled, sold
    change(folder / "office", weeks=max(1, options.days // 7))
    with load_server(folder / "office") as server:
        peak = Peak(server)
        started = time.perf_counter()
        for one in tills:
            assert one.stdin is not None
            one.stdin.write(server.url + "\n")
            one.stdin.flush()
        answers = [told(one) for one in tills]
        taken = time.perf_counter() - started
        largest = peak.stop()
    office = open_head_office(folder / "office")
    there = office.store.read(document.count)
    office.close()
    sold = sum(int(answer["number"]) for answer in answers)
    assert there == sold, f"{there} documents at head office of {sold}"
    rest = max(int(answer["rest_kib"]) for answer in answers) >> 10
    most = max(int(answer["peak_kib"]) for answer in answers) >> 10
    print(f"{sold} documents of {len(tills)} workstations, {options.days} days offline")
    verdict = "within" if taken <= GOAL_S else "ABOVE"
    print(f"  synced                 {taken:.1f} s, {sold / taken:.0f} documents/s; {verdict} {GOAL_S} s")
    each = ", ".join(f"{answer['seconds']:.1f} s" for answer in answers)
    print(f"  each workstation       {each}")
    print(f"  memory, workstation    {most} MB at most ({rest} MB before the sync)")
    print(f"  memory, server         {largest:.0f} MB at most")


def begin(data: Path, count: int) -> list[str]:
    office = found(data)
    office.store.write(lambda txn: feed.put_rows(txn, "store", "chain", reference.stores()))
    office.store.write(lambda txn: feed.put_rows(txn, "item", "chain", list(reference.items(ITEMS))))
    publish(office, PRICES, 0)
    codes = [
        office.enrolment.new_code(reference.STORE_ID, minutes=600, ca_fingerprint=None).code
        for _ in range(count)
    ]
    office.close()
    return codes


def change(data: Path, weeks: int) -> None:
    """What head office did meanwhile."""
    office = open_head_office(data)
    for week in range(1, weeks + 1):
        rows = [[*row[:3], f"week {week}", *row[4:]] for row in reference.items(ITEMS // 10)]
        office.store.write(lambda txn, rows=rows: feed.put_rows(txn, "item", "chain", rows))
        publish(office, PRICES, week)
    office.close()


def start(folder: Path, url: str, code: str, options: argparse.Namespace) -> subprocess.Popen[str]:
    words = ["--till", str(folder), url, code]
    figures = [f"--days={options.days}", f"--sales={options.sales}", f"--lines={options.lines}"]
    return subprocess.Popen(
        [sys.executable, "-m", "benchmarks.catch_up", *words, *figures],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def told(process: subprocess.Popen[str]) -> dict[str, float]:
    """The next line of a workstation's process."""
    assert process.stdout is not None
    return dict(json.loads(process.stdout.readline()))


class Peak:
    """The server's largest resident memory, looked at ten times a second."""

    def __init__(self, server: LoadServer) -> None:
        self._server = server
        self._over = threading.Event()
        self._largest = 0.0
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def _watch(self) -> None:
        while not self._over.wait(0.1):
            self._largest = max(self._largest, self._server.resident_mb())

    def stop(self) -> float:
        self._over.set()
        self._thread.join()
        return self._largest


def till(options: argparse.Namespace) -> None:
    """One workstation: enrol, pull, sell offline, and when told an address, sync."""
    from benchmarks.workstation import enrolled
    from pos_client.journal.draft import Draft
    from pos_client.log import json_lines

    folder, url, code = options.till
    json_lines()
    answers, sys.stdout = sys.stdout, sys.stderr
    made = enrolled(Path(folder), url, code)
    made.client.exchange()
    dice = random.Random(folder)
    body = sale_body(options.lines)
    first = datetime.date(2026, 11, 1)
    for day in range(options.days):
        business_day = (first + datetime.timedelta(days=day)).isoformat()
        for _ in range(0, options.sales, _AT_ONCE):
            drafts = []
            for _ in range(_AT_ONCE):
                bought = [{**line, "sku": f"SKU{dice.randrange(ITEMS):07d}"} for line in body["lines"]]
                one = body | {"lines": bought, "instant_ms": dice.randrange(10**12, 2 * 10**12)}
                drafts.append(Draft("sale", one, business_day, "E1", f"SH{day}"))
            made.journal.record(drafts).result()
    print(json.dumps({"sold": options.days * options.sales}), file=answers, flush=True)
    made.client._exchange._wire._base_url = sys.stdin.readline().strip()
    rest = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    started = time.perf_counter()
    made.client.exchange()
    taken = time.perf_counter() - started
    assert made.journal.documents_waiting() == 0
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    answer = {"number": made.journal.head().number, "seconds": taken, "rest_kib": rest, "peak_kib": peak}
    print(json.dumps(answer), file=answers, flush=True)
    made.close()


if __name__ == "__main__":
    main()
