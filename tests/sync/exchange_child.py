"""Forks a process per line of standard input (a till's folder) that waits for `go` and runs one exchange.

Imports are paid for once, so a kill campaign costs a tenth of a second a kill. Run by test_kill.py alone.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from tests.server.support.office import HandClock
from tests.sync.world import Till


def run(folder: Path) -> None:
    till = Till.open(folder, HandClock())
    till.client.exchange()
    till.close()


def main() -> None:
    for line in sys.stdin:
        folder = Path(line.strip())
        reading, writing = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.close(writing)
            os.read(reading, 1)
            code = 1
            try:
                run(folder)
                code = 0
            finally:
                os._exit(code)
        os.close(reading)
        print(pid, flush=True)
        sys.stdin.readline()  # the tracer is attached
        os.write(writing, b"g")
        os.close(writing)
        _, status = os.waitpid(pid, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


main()
