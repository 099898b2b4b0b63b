"""Sells until it is killed, and says each sale once its services have: `number total`."""

from __future__ import annotations

import os
import random
import sys
from dataclasses import dataclass
from pathlib import Path

from benchmarks.day.story import places_of
from pos_client.bootstrap import Options, open_workstation


@dataclass(frozen=True)
class Still:
    """A clock that stands."""

    at_ms: int

    def now_ms(self) -> int:
        """Wall time."""
        return self.at_ms

    def monotonic_ms(self) -> int:
        """The same."""
        return self.at_ms


def main(folder: str, number: str, pin: str, now_ms: str, *gtins: str) -> None:
    """Until the kill."""
    options = Options(places=places_of(Path(folder)), printer="none", timers=False)
    workstation = open_workstation(options, clock=Still(int(now_ms)))
    workstation.sync.go_offline()
    if workstation.session.operator is None:
        workstation.session.sign_on(number, pin).result(30)
    dice = random.Random(now_ms)
    while True:
        workstation.ring_up.enter(dice.choice(gtins))
        workstation.ring_up.confirm_age()
        workstation.payment.begin()
        workstation.payment.add("cash", None)
        sale = workstation.payment.finish().result(30)
        os.write(1, f"{sale.number} {sale.total_minor}\n".encode())


if __name__ == "__main__":
    main(*sys.argv[1:])
