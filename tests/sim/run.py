"""One run: a seed decides who does what, what the network and the clocks do, and what dies when.

    python -m tests.sim.run SEED … | FIRST-LAST [--steps N] [--trace] [--database postgresql] [--floor]

`--floor`: with three workstations in one store, which hear each other on a network of their own.

Prints a line for each seed that fails, with what broke and how to run it again; ends with 1 then.
"""

from __future__ import annotations

import argparse
import logging
import shutil
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

import fastapi.routing
import structlog

from pos_client.journal import journal as journal_module
from tests.server.support import databases
from tests.sim import checks, peer_checks, revoking
from tests.sim.broken import Broken, require
from tests.sim.chain import DATABASE, build
from tests.sim.steps import heal, step
from tests.sim.world import World

STEPS = 24


def play(template: Path, folder: Path, seed: int, *, steps: int = STEPS, trace: bool = False) -> World:
    """The run of `seed`, checked. Raises Broken."""
    world = World.open(template, folder, seed)
    try:
        world.trace = trace
        for till in world.tills:
            world.sign_on(till)
        for number in range(steps):
            step(world)
            revoking.revoke_when_due(world, number, steps)
            if world.lan is not None:
                revoking.go_on_trying(world)
                peer_checks.check_now(world)
        heal(world)
        checks.check(world)
        if world.lan is not None:
            peer_checks.check_healed(world)
        return world
    finally:
        world.close()


@contextmanager
def quiet_disks() -> Iterator[None]:
    """No ballast files and no dice but the seed's: thousands of small chains are opened here."""
    logging.disable(logging.CRITICAL)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    with ExitStack() as stack:
        stack.enter_context(patch.object(journal_module, "keep_ballast", lambda *_, **__: None))
        stack.enter_context(patch.object(fastapi.routing, "run_in_threadpool", _at_once))
        yield
    logging.disable(logging.NOTSET)
    structlog.reset_defaults()


async def _at_once(work: Callable[..., Any], *given: Any, **named: Any) -> Any:
    """Head office answers on its loop's thread, and the run waits."""
    return work(*given, **named)


def make_template(folder: Path, *, floor: bool = False) -> Path:
    """The chain that all runs start from: everybody has spoken with head office once."""
    build(folder, floor=floor)
    world = World.open(folder, folder.with_name("first"), seed=0)
    for till in [*world.tills, *world.tills] if floor else world.tills:
        went_well = world.exchange(till)
        require(went_well, "the first exchange failed:", till.name, dict(world.steps), till.sync.state)
        require(till.replica.newest_release(), "no release came:", till.name, till.sync.state)
    url, world.office.url = world.office.url, None
    world.close()
    if url is not None:
        (world.folder / DATABASE).write_text(url)
    shutil.rmtree(folder)
    return world.folder


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("seeds", nargs="+")
    parser.add_argument("--steps", type=int, default=STEPS)
    parser.add_argument("--trace", action="store_true", help="say each step")
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--floor", action="store_true", help="three workstations that hear each other")
    given = parser.parse_args(arguments)
    failed = 0
    with (
        databases.using(given.database),
        tempfile.TemporaryDirectory(prefix="tidemark-sim-") as root,
        quiet_disks(),
    ):
        template = make_template(Path(root) / "template", floor=given.floor)
        for seed in _seeds(given.seeds):
            folder = Path(root) / "run"
            try:
                play(template, folder, seed, steps=given.steps, trace=given.trace)
            except Exception as error:
                failed += 1
                again = f"python -m tests.sim.run {seed}{' --floor' if given.floor else ''}"
                print(f"seed {seed}: {error or type(error).__name__}; again: {again}")
                if given.trace or not isinstance(error, Broken):
                    traceback.print_exc()
            finally:
                shutil.rmtree(folder, ignore_errors=True)
    print(f"{failed} failed")
    return 1 if failed else 0


def _seeds(texts: list[str]) -> Iterator[int]:
    for text in texts:
        first, _, last = text.partition("-")
        yield from range(int(first), int(last or first) + 1)


if __name__ == "__main__":
    sys.exit(main())
