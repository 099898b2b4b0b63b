"""Killed in the middle of settling: the shift is open or settled, and no Z number is lost or given twice."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

from pos_core.cash.report import sums_of
from tests.client.services.shop import Shop
from tests.client.services.test_sequences import verified
from tests.client.services.test_settlement import covered

ROOT = Path(__file__).resolve().parents[3]
KILLS = int(os.environ.get("TIDEMARK_SETTLE_KILLS", "6"))


def one_life(folder: Path, dice: random.Random) -> list[int]:
    """Runs, kills it somewhere after a seeded "settling"; gives the Z numbers that it had said."""
    command = [sys.executable, "-m", "tests.client.services.settling_ground", str(folder)]
    said: list[int] = []
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        left = dice.randint(1, 4)
        for line in process.stdout:
            word, _, number = line.strip().partition(" ")
            if word == "z":
                said.append(int(number))
                continue
            left -= 1
            if left == 0:
                until = time.perf_counter() + dice.random() * 0.02
                while time.perf_counter() < until:
                    pass
                process.send_signal(signal.SIGKILL)
        return said


def test_a_kill_while_settling_leaves_no_gap_and_no_double(tmp_path: Path) -> None:
    dice, said = random.Random(7), []
    for _ in range(KILLS):
        said += one_life(tmp_path, dice)
        shop = Shop(tmp_path)
        settled = shop.documents("shift_settled")
        numbers = [each["body"]["z_number"] for each in settled]
        assert numbers == list(range(1, len(numbers) + 1))
        assert set(said) <= set(numbers) and len(said) == len(set(said))
        closed = {each["shift_id"] for each in settled}
        opened = [each["shift_id"] for each in shop.documents("shift_opened")]
        current = shop.workstation.shift.current
        still_open = [shift_id for shift_id in opened if shift_id not in closed]
        assert still_open == ([] if current is None else [current.shift_id])
        for each in settled:
            sums = sums_of(covered(shop, each))
            assert each["body"]["sales_minor"] == sums.totals.sales_minor
        shop.workstation.close()
    assert said and verified(tmp_path) == []
