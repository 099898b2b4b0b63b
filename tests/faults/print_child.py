"""Workstations that die while their printer or drawer is being served, one for each step; see the test.

    python -m tests.faults.print_child FOLDER sale|no_sale STEP …

Each step is a process of its own, forked before any thread runs, that kills itself with SIGKILL at that
call of the cable. A step beyond the last call leaves a workstation that lived on. Prints nothing.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from pos_client.devices.simulator import SimulatedTransport
from tests.client.services.shop import COLA, Shop


class DyingTransport(SimulatedTransport):
    """Kills its process at the `dies_at`-th call over the cable, before a byte of that call has gone out."""

    def __init__(self, dies_at: int) -> None:
        super().__init__()
        self._calls_left = dies_at

    def send(self, data: bytes) -> None:
        self._step()
        super().send(data)

    def ask(self, question: bytes) -> bytes:
        self._step()
        return super().ask(question)

    def _step(self) -> None:
        self._calls_left -= 1
        if self._calls_left == 0:
            os.kill(os.getpid(), signal.SIGKILL)


def trade(folder: Path, what: str, dies_at: int) -> None:
    """One sale for cash, or one opening of the drawer without a sale; then a wait for the printer."""
    shop = Shop(folder, paper=DyingTransport(dies_at)).ready()
    if what == "sale":
        shop.workstation.ring_up.enter(COLA)
        shop.workstation.payment.begin()
        shop.workstation.payment.add("cash", 1000)
        shop.workstation.payment.finish().result(10)
    else:
        shop.workstation.till.no_sale("change").result(10)
    shop.workstation.close()


def main() -> None:
    root, what = Path(sys.argv[1]), sys.argv[2]
    for step in map(int, sys.argv[3:]):
        child = os.fork()
        if child == 0:
            trade(root / f"{what}-{step}", what, step)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        (root / f"{what}-{step}" / "killed").write_text(str(int(os.WIFSIGNALED(status))))


if __name__ == "__main__":
    main()
