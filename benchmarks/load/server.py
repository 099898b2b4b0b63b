"""The server of a load run, in a process of its own: `python -m benchmarks.load.server DATA [--tls] [URL]`.

Prints its address, then obeys lines of standard input (`put N`: that many items change; `publish N`: a
release with so many prices) and answers each with the monotonic clock's nanoseconds at the return of the
commit, which this machine's processes share. Ends with its standard input.
"""

from __future__ import annotations

import logging
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.head_office_process import SystemClock
from pos_core.canonical import canonical_bytes
from sync_server.bootstrap import make_server, open_head_office
from sync_server.head_office import HeadOffice
from sync_server.http.log import configure
from sync_server.http.memory import settle, share_one_heap
from sync_server.http.serving import serving
from sync_server.services.certificates import server_files
from sync_server.services.releases import ReleaseFile
from sync_server.store import feed

PRICE_COLUMNS = ["price_list_id", "sku", "effective_from_ms", "effective_to_ms", "price_minor"]


@dataclass
class LoadServer:
    """`url`, and the process that serves it."""

    url: str
    process: subprocess.Popen[str]

    def do(self, line: str) -> int:
        """Has the server change something; when that was committed, by the monotonic clock (ns)."""
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        return int(self.process.stdout.readline())

    def cpu_s(self) -> float:
        """Processor time that it has used, user and system."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / 100

    def resident_mb(self) -> float:
        """Resident memory as the kernel counts it."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return next(int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmRSS"))


@contextmanager
def load_server(data: Path, *, tls: bool = False, database_url: str | None = None) -> Iterator[LoadServer]:
    """Serves the chain in `data` until the block ends."""
    words = [*(["--tls"] if tls else []), *filter(None, [database_url])]
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.load.server", str(data), *words],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None and process.stdout is not None
    try:
        yield LoadServer(process.stdout.readline().strip(), process)
    finally:
        process.stdin.close()
        process.wait(60)


def _obey(office: HeadOffice, line: str) -> None:
    verb, count = line.split(maxsplit=1)[0], int(line.split()[1])
    stamp = time.time_ns()
    if verb == "put":
        from benchmarks import reference_replica as reference  # heavy: not in the memory that is measured

        rows = [[*row[:3], str(stamp), *row[4:]] for row in reference.items(count)]
        office.store.write(lambda txn: feed.put_rows(txn, "item", "chain", rows))
    else:
        prices = [["PL1", f"SKU{n:07d}", 0, None, stamp % 9000 + n] for n in range(count)]
        content = canonical_bytes({"columns": PRICE_COLUMNS, "rows": prices})
        file = ReleaseFile("prices", "base", content)
        now = SystemClock().now_ms()
        office.store.write(lambda txn: office.releases.publish(txn, [file], effective_from_ms=now))


def main() -> None:
    share_one_heap()
    configure(logging.ERROR)
    tls = "--tls" in sys.argv
    url = next((word for word in sys.argv[2:] if word.startswith("postgresql:")), None)
    office = open_head_office(Path(sys.argv[1]), database_url=url)
    files = server_files(office.folder) if tls else None
    try:
        with serving(make_server(office, tls=tls, jobs=False), tls=files) as url:
            settle()
            print(url, flush=True)
            for line in sys.stdin:
                _obey(office, line)
                print(time.monotonic_ns(), flush=True)
    finally:
        office.close()


if __name__ == "__main__":
    main()
