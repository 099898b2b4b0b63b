"""Three workstations, the line to head office and the cables between them: cut and mended in every order.

    python -m tests.sim.orders [LENGTH] [--only WLA…]

Each order is a row of events from a shop where everything stands. `W`: the store's line to head office is
cut, or mended; `L`: all cables of the shop; `A`: those of one workstation. After each the three work on, talk
as far as they can, and every rule that holds at all times is checked; at the end all is mended, and P1 to P20
are checked.
"""

from __future__ import annotations

import argparse
import random
import shutil
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator
from itertools import permutations, product
from pathlib import Path

from tests.sim import actions, checks, peer_actions, peer_checks
from tests.sim.broken import Broken
from tests.sim.chain import STORES
from tests.sim.hearing import ask_around
from tests.sim.machines import Till
from tests.sim.run import make_template, quiet_disks
from tests.sim.steps import heal
from tests.sim.world import World

STORE = STORES[0][0]
ALONE = "t4"
LENGTH = 3


def orders(length: int) -> Iterator[str]:
    """Every order of so many events."""
    return map("".join, product(EVENTS, repeat=length))


def play(template: Path, folder: Path, order: str) -> World:
    """One order, checked. Raises Broken."""
    world = World.open(template, folder, seed=0)
    world.dice = random.Random(order)
    try:
        for till in world.tills:
            world.sign_on(till)
        for event in order:
            EVENTS[event](world)
            _work(world)
            peer_checks.check_now(world)
        heal(world)
        checks.check(world)
        peer_checks.check_healed(world)
        return world
    finally:
        world.close()


def _line(world: World) -> None:
    for till in _tills(world):
        till.line.up = not till.line.up


def _cables(world: World) -> None:
    _toggle(world, {frozenset(pair) for pair in permutations(_names(world), 2)})


def _one(world: World) -> None:
    _toggle(world, {frozenset((ALONE, each)) for each in _names(world) if each != ALONE})


EVENTS: dict[str, Callable[[World], None]] = {"W": _line, "L": _cables, "A": _one}


def _toggle(world: World, cables: set[frozenset[str]]) -> None:
    assert world.lan is not None
    world.lan.cut = world.lan.cut - cables if cables <= world.lan.cut else world.lan.cut | cables


def _work(world: World) -> None:
    """What the three do meanwhile: each sells, things change hands, and everybody tells what he can."""
    for work in (
        *[actions.sell] * 3,
        actions.join,
        peer_actions.recall_elsewhere,
        peer_actions.leased_coupon,
    ):
        work(world)
        world.time.ms += 5_000
    ask_around(world, STORE)
    for till in _tills(world):
        peer_actions.tidy(till)
        world.exchange(till)
    ask_around(world, STORE)
    world.time.ms += 60_000


def _tills(world: World) -> list[Till]:
    return [each for each in world.tills if each.store_id == STORE]


def _names(world: World) -> list[str]:
    return [each.name for each in _tills(world)]


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("length", nargs="?", type=int, default=LENGTH)
    parser.add_argument("--only", help="one order")
    given = parser.parse_args(arguments)
    failed = 0
    with tempfile.TemporaryDirectory(prefix="tidemark-orders-") as root, quiet_disks():
        template = make_template(Path(root) / "template", floor=True)
        for order in [given.only] if given.only else orders(given.length):
            try:
                play(template, Path(root) / "run", order)
            except Exception as error:
                failed += 1
                print(f"{order}: {error}; again: python -m tests.sim.orders --only {order}")
                if not isinstance(error, Broken):
                    traceback.print_exc()
            shutil.rmtree(Path(root) / "run", ignore_errors=True)
    print(f"{failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
