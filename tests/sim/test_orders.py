"""The line to head office and the cables of a shop, cut and mended in every order of three events.

`python -m tests.sim.orders 5` goes through all of five.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.sim.orders import EVENTS, LENGTH, orders, play


@pytest.mark.parametrize("first", EVENTS)
def test_whatever_is_cut_and_mended_first(floor: Path, tmp_path: Path, first: str) -> None:
    for rest in orders(LENGTH - 1):
        order = first + rest
        try:
            world = play(floor, tmp_path / "run", order)
        except Exception as error:
            error.add_note(f"again: python -m tests.sim.orders --only {order}")
            raise
        assert world.steps["ask:ok"] and world.steps["pay:ok"], order
        shutil.rmtree(tmp_path / "run")
