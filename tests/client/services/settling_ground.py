"""Opens, sells and settles without end, saying each step: what the kill test runs and kills.

python -m tests.client.services.settling_ground FOLDER
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from pos_client.services.till.settlement import CountEntry
from tests.client.services.shop import COLA, PIN, Shop

FLOAT = 20_000


def say(*words: object) -> None:
    """One line, at once."""
    os.write(1, (" ".join(map(str, words)) + "\n").encode())


def main(folder: Path) -> None:
    """Until it is killed."""
    shop = Shop(folder)
    services = shop.workstation
    services.session.sign_on("1001", PIN).result(10)
    while True:
        if services.shift.current is None:
            services.shift.open_shift(FLOAT).result(10)
        services.ring_up.clear().result(10)
        services.ring_up.enter(COLA)
        services.payment.begin()
        services.payment.add("cash", None)
        services.payment.finish().result(10)
        services.settlement.declare({"cash": CountEntry({}, FLOAT)}).result(10)
        say("settling")
        settled = services.settlement.settle(reason="测试").result(10)
        say("z", settled.z_number)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
