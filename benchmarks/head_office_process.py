"""A head office in a process of its own, on loopback HTTP.

    python -m benchmarks.head_office_process DATA [DATABASE]

Prints its address and serves until its standard input ends, so it cannot outlive whoever started it.
"""

from __future__ import annotations

import logging
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sync_server.bootstrap import make_server, open_head_office
from sync_server.head_office import HeadOffice
from sync_server.http.log import configure
from sync_server.http.memory import settle, share_one_heap
from sync_server.http.serving import serving
from sync_server.services.chain import found_chain
from sync_server.services.data_folder import DataFolder


class SystemClock:
    """The real time."""

    def now_ms(self) -> int:
        return time.time_ns() // 1_000_000

    def monotonic_ms(self) -> int:
        return time.monotonic_ns() // 1_000_000


def found(data: Path, database_url: str | None = None) -> HeadOffice:
    """A new chain in `data`, its rows in an empty database where one is named."""
    found_chain(
        DataFolder(data),
        chain_name="Benchmark",
        currency="CNY",
        clock=SystemClock(),
        hosts=["localhost"],
        database_url=database_url,
    )
    return open_head_office(data, database_url=database_url)


@contextmanager
def running(data: Path, database_url: str | None = None) -> Iterator[str]:
    """Serve the chain in `data` in another process; yields its URL."""
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.head_office_process", str(data), *filter(None, [database_url])],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None and process.stdout is not None
    try:
        url = ""
        while not url.startswith("http"):  # what the server logs comes first
            url = process.stdout.readline().strip()
            assert url or process.poll() is None, "the server did not start"
        yield url
    finally:
        process.stdin.close()
        process.wait(30)


def main() -> None:
    share_one_heap()
    configure(logging.ERROR)  # standard output is the address alone
    data, *database = sys.argv[1:]
    office = open_head_office(Path(data), database_url=database[0] if database else None)
    try:
        with serving(make_server(office, tls=False, jobs=False)) as url:
            settle()
            print(url, flush=True)
            sys.stdin.read()
    finally:
        office.close()


if __name__ == "__main__":
    main()
