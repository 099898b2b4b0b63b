"""The real server in a process of its own, on loopback HTTP and the simulated clock.

Prints its address, serves until its standard input ends; so it cannot outlive whoever started it.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.real_data.clock import SharedClock

_ROOT = Path(__file__).resolve().parents[2]


def main() -> None:
    """`python -m benchmarks.real_data.server_process DATA CLOCK`."""
    from sync_server.bootstrap import make_server, open_head_office
    from sync_server.http.log import configure
    from sync_server.http.serving import serving

    configure()
    data, clock_file = Path(sys.argv[1]), Path(sys.argv[2])
    office = open_head_office(data, clock=SharedClock(clock_file))
    try:
        with serving(make_server(office, tls=False)) as url:
            print(url, flush=True)
            sys.stdin.read()
    finally:
        office.close()


@contextmanager
def server(data: Path, clock_file: Path) -> Iterator[str]:
    """The server for the length of a block; yields its URL."""
    command = [sys.executable, "-m", "benchmarks.real_data.server_process", str(data), str(clock_file)]
    with (data.parent / "server.log").open("ab") as log:
        process = subprocess.Popen(
            command,
            cwd=_ROOT,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
        assert process.stdout is not None
        assert process.stdin is not None
        try:
            url = ""
            while not url.startswith("http"):
                url = process.stdout.readline().strip()
                if not url and process.poll() is not None:
                    raise SystemExit(f"the server did not start; see {data.parent / 'server.log'}")
            yield url
        finally:
            process.stdin.close()
            process.wait(60)
            process.stdout.close()


if __name__ == "__main__":
    main()
