"""Runs in which machines lose their replica and start anew: from their store's file, the chain's, or pages.

Head office builds either now and then, restores itself and is set back with the files that it had, erases
members of whom an older file knows; the promises hold all the same.
"""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import patch

import pytest

from pos_client.sync.exchange import Exchange, Report
from tests.sim import actions
from tests.sim.machines import Till
from tests.sim.run import play
from tests.sim.world import World

SEEDS, AT_ONCE, STEPS = 12, 4, 40


def _build(world: World) -> None:
    """What head office's timers do; a file grows old until the next."""
    office = world.office.services
    if world.dice.random() < 0.7:
        office.store_files.build(world.dice.choice(["S001", "S002"]), whatever_size=True)
    else:
        office.snapshots.build()


def _trim(world: World) -> None:
    world.office.services.store_files.trim()


def _start_anew(world: World) -> None:
    """A machine's replica cannot be read any more; the journal is whole. It may die again on its way."""
    till = world.dice.choice([each for each in world.tills if each.line.up] or world.tills)
    if world.dice.random() < 0.5:  # somebody is expected
        world.office.services.store_files.build(till.store_id, whatever_size=True)
    lose_replica(till)
    world.exchange(till, die_at=world.dice.choice([None, None, world.dice.randint(1, 12)]))
    world.sign_on(till)


def lose_replica(till: Till) -> None:
    till.close()
    for file in till.folder.glob("replica.db*"):
        file.unlink()
    till._open()


MORE = {"build": (6.0, _build), "trim": (2.0, _trim), "start_anew": (14.0, _start_anew)}


@pytest.fixture
def started() -> Iterator[Counter[str]]:
    """From what machines started."""
    counted: Counter[str] = Counter()
    real = Exchange._try_snapshot

    def watched(self: Exchange, report: Report, keep_going: object) -> None:
        real(self, report, keep_going)  # type: ignore[arg-type]
        assert report.wrong_snapshot is None, "head office's own file was not believed"
        whole = any(each.startswith("store:") for each in self._replica.cursors())
        counted["store" if whole else "chain" if report.snapshot else "pages"] += 1

    with patch.dict(actions.ACTIONS, MORE), patch.object(Exchange, "_try_snapshot", watched):
        yield counted


@pytest.mark.parametrize("first", range(1, SEEDS + 1, AT_ONCE))
def test_the_promises_hold_whatever_machines_start_from(
    template: Path, tmp_path: Path, first: int, started: Counter[str]
) -> None:
    steps: Counter[str] = Counter()
    for seed in range(first, first + AT_ONCE):
        try:
            steps += play(template, tmp_path / "run", seed, steps=STEPS).steps
        except Exception as error:
            error.add_note(f"seed {seed} of tests/sim/test_snapshots.py")
            raise
        shutil.rmtree(tmp_path / "run")
    assert started["store"] and started["pages"] and steps["start_anew"], (started, steps)
