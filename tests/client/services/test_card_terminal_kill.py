"""Killed at any moment of charging: in the end the bank holds exactly what the sales say."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

from pos_client.devices.terminal_simulator import SimulatedTerminal
from tests.client.services.shop import PIN, Shop
from tests.client.services.test_sequences import verified

ROOT = Path(__file__).resolve().parents[3]
KILLS = int(os.environ.get("TIDEMARK_CHARGE_KILLS", "8"))


def one_life(folder: Path, seed: int, dice: random.Random) -> None:
    """Runs until a seeded "charging", and a seeded moment more."""
    command = [sys.executable, "-m", "tests.client.services.charging_ground", str(folder), str(seed)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        left = dice.randint(1, 6)
        for line in process.stdout:
            left -= line.startswith("charging")
            if left == 0:
                until = time.perf_counter() + dice.random() * 0.02
                while time.perf_counter() < until:
                    pass
                process.send_signal(signal.SIGKILL)
                left = -1


def test_no_kill_charges_twice_or_loses_a_sale(tmp_path: Path) -> None:
    dice = random.Random(11)
    for seed in range(KILLS):
        one_life(tmp_path, seed, dice)
    bank = SimulatedTerminal(tmp_path / "bank.jsonl")
    shop = Shop(tmp_path, terminal=bank)
    shop.workstation.session.sign_on("1001", PIN).result(10)
    if shop.workstation.ring_up.basket().line_count:
        shop.workstation.ring_up.clear().result(10)
    assert shop.workstation.terminal.tidy().result(10) == 0
    sold = [
        (tender["reference"], tender["amount_minor"])
        for sale in shop.documents("sale")
        for tender in sale["body"]["tenders"]
        if tender["tender_code"] == "card"
    ]
    held = [(name, amount) for name, (result, amount) in bank.charges.items() if result == "approved"]
    assert sorted(sold) == sorted(held)
    assert len(sold) > KILLS // 2
    shop.workstation.close()
    assert verified(tmp_path) == []
