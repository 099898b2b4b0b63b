"""Charges cards and sells without end, saying each step: what the kill test runs and kills.

python -m tests.client.services.charging_ground FOLDER SEED
"""

from __future__ import annotations

import sys
from pathlib import Path
from random import Random

from pos_client.devices.terminal_simulator import MODES, SimulatedTerminal
from pos_client.services.refusals.payment import ChargePending
from tests.client.services.settling_ground import say
from tests.client.services.shop import COLA, MILK, PIN, Shop


def main(folder: Path, seed: int) -> None:
    """Until it is killed; the terminal changes its mood at every turn."""
    dice = Random(seed)
    bank = SimulatedTerminal(folder / "bank.jsonl")
    shop = Shop(folder, terminal=bank)
    services = shop.workstation
    services.session.sign_on("1001", PIN).result(10)
    if services.shift.current is None:
        services.shift.open_shift(20_000).result(10)
    while True:
        bank.mode = dice.choice(MODES)
        if services.ring_up.basket().line_count == 0:
            services.ring_up.enter(dice.choice([COLA, MILK]))
        services.payment.begin()
        say("charging")
        try:
            view = services.payment.view()
            assert view is not None
            if not view.can_finish:
                charged = services.terminal.charge("card").result(10)
                if charged.outcome == "approved":
                    services.terminal.take(charged)
        except ChargePending:
            pass
        view = services.payment.view()
        if view is not None and not view.can_finish:
            services.payment.add("cash", None)
        services.payment.finish().result(10)
        say("sold")


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
