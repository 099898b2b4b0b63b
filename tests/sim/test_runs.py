"""Two hundred seeds, some on PostgreSQL; `python -m tests.sim.run 1-10000` runs as many as one likes."""

from __future__ import annotations

import shutil
from collections import Counter
from pathlib import Path

import pytest

from tests.sim.run import play

SEEDS, AT_ONCE, ON_POSTGRESQL = 184, 8, 16


@pytest.mark.parametrize("first", range(1, SEEDS + 1, AT_ONCE))
def test_the_promises_hold_after_whatever_happened(template: Path, tmp_path: Path, first: int) -> None:
    _play(template, tmp_path, first)


@pytest.mark.parametrize("first", range(SEEDS + 1, SEEDS + ON_POSTGRESQL + 1, AT_ONCE))
def test_and_on_postgresql(template_on_postgresql: Path, tmp_path: Path, first: int) -> None:
    _play(template_on_postgresql, tmp_path, first, more="--database postgresql")


def _play(template: Path, tmp_path: Path, first: int, more: str = "") -> None:
    for seed in range(first, first + AT_ONCE):
        try:
            play(template, tmp_path / "run", seed)
        except Exception as error:
            error.add_note(f"again: python -m tests.sim.run {seed} --trace {more}")
            raise
        shutil.rmtree(tmp_path / "run")


def test_runs_are_not_idle(template: Path, tmp_path: Path) -> None:
    """What must happen somewhere in a few runs, or the checks look at nothing."""
    steps: Counter[str] = Counter()
    for seed in range(1, 9):
        steps += play(template, tmp_path / str(seed), seed, steps=40).steps
    for wanted in WANTED:
        assert steps[wanted], (wanted, steps)


WANTED = (
    "pay:ok",
    "return:ok",
    "hold:ok",
    "recall:ok",
    "coupon_present:ok",
    "points_redeem:ok",
    "discount_basket:approval_needed",
    "settle_shift:ok",
    "member_join:ok",
    "erase",
    "receive:ok",
    "exchange_and_die",
    "exchange:server_away",
    "kill",
    "old_image",
    "office_dies",
    "office_disk",
    "office_image",
    "prices",
)


def test_a_seed_is_the_same_run_each_time(template: Path, tmp_path: Path) -> None:
    counts = [play(template, tmp_path / str(n), 7).steps for n in range(2)]
    assert counts[0] == counts[1]
