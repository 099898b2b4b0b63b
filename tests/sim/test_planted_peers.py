"""The checks between workstations are worth something: each bug is caught, and by its promise."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.sim.broken import Broken
from tests.sim.planted import planted
from tests.sim.planted_peers import PLANTED_PEERS
from tests.sim.run import play

STEPS = 40


@pytest.mark.parametrize("name", PLANTED_PEERS)
def test_a_planted_bug_is_caught(floor: Path, tmp_path: Path, name: str) -> None:
    promise, seed, plant = PLANTED_PEERS[name]
    with pytest.raises(Broken) as caught, planted(plant):
        play(floor, tmp_path / "run", seed, steps=STEPS)
    assert str(caught.value).startswith(promise), caught.value
