"""The checks are worth something: each bug that is put into the product is caught, and by its promise."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.sim.broken import Broken
from tests.sim.planted import PLANTED, planted
from tests.sim.run import play

STEPS = 40
"""Longer runs than elsewhere: each bug needs what it spoils."""


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_bug_is_caught(template: Path, tmp_path: Path, name: str) -> None:
    promise, seed, plant = PLANTED[name]
    with pytest.raises(Broken) as caught, planted(plant):
        play(template, tmp_path / "run", seed, steps=STEPS)
    assert str(caught.value).startswith(promise), caught.value
