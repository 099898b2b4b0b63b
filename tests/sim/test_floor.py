"""Three workstations of one store on a network of their own, beside the line to head office.

`python -m tests.sim.run 1-10000 --floor` runs as many as one likes.
"""

from __future__ import annotations

import shutil
from collections import Counter
from pathlib import Path

import pytest

from tests.sim.run import play

SEEDS, AT_ONCE, ON_POSTGRESQL = 4, 4, 1


@pytest.mark.parametrize("first", range(1, SEEDS + 1, AT_ONCE))
def test_the_promises_hold_between_workstations_too(floor: Path, tmp_path: Path, first: int) -> None:
    _play(floor, tmp_path, range(first, first + AT_ONCE))


def test_and_on_postgresql(floor_on_postgresql: Path, tmp_path: Path) -> None:
    seeds = range(SEEDS + 1, SEEDS + ON_POSTGRESQL + 1)
    _play(floor_on_postgresql, tmp_path, seeds, more="--database postgresql")


def _play(template: Path, tmp_path: Path, seeds: range, more: str = "") -> None:
    for seed in seeds:
        try:
            play(template, tmp_path / "run", seed)
        except Exception as error:
            error.add_note(f"again: python -m tests.sim.run {seed} --floor --trace {more}")
            raise
        shutil.rmtree(tmp_path / "run")


def test_runs_are_not_idle(floor: Path, tmp_path: Path) -> None:
    """What must happen somewhere in a few runs, or the checks look at nothing."""
    steps: Counter[str] = Counter()
    faults: Counter[str] = Counter()
    for seed in range(1, 7):
        world = play(floor, tmp_path / str(seed), seed, steps=60)
        assert world.lan is not None
        steps += world.steps
        faults += world.lan.counts
    for wanted in WANTED:
        assert steps[wanted], (wanted, steps)
    for wanted in FAULTS:
        assert faults[wanted], (wanted, faults)


WANTED = (
    "ask:ok",
    "ask:peer_away",
    "ask:revoked",
    "ask_and_die",
    "hear_twice",
    "recall_elsewhere:ok",
    "coupon_came:True",
    "leased:ok",
    "leased:coupon_not_here",
    "coupon_present:coupon_used",
    "cable",
    "store_alone",
    "peers_file",
    "old_image",
)
FAULTS = ("none", "drop_question", "drop_answer", "cut_answer", "garble_question", "garble_answer")
