"""One step after the other, and the end of all faults."""

from __future__ import annotations

from tests.sim import actions, peer_actions, revoking
from tests.sim.broken import require
from tests.sim.hearing import ask_around
from tests.sim.world import World

FLOOR = actions.ACTIONS | peer_actions.ACTIONS
"""What happens where workstations hear each other."""
MINUTE_MS = 60_000
ROUNDS_MAX = 12


def step(world: World) -> None:
    """One thing happens."""
    known = actions.ACTIONS if world.lan is None else FLOOR
    name = world.dice.choices(list(known), [weight for weight, _ in known.values()])[0]
    world.steps[name] += 1
    if world.trace:
        print(name)
    known[name][1](world)
    world.time.ms += world.dice.randrange(1000, 90_000)


def heal(world: World) -> None:
    """The faults end: lines and cables stand, clocks are right, everybody exchanges all that waits."""
    world.time.ms += 10 * MINUTE_MS
    for till in world.tills:
        till.line.up, till.line.rate = True, 0.0
        till.clock.skew_ms = 0
    if world.lan is None:
        for _ in range(3):
            _exchange_all(world)
        return
    world.lan.cut.clear()
    world.lan.rate = 0.0
    revoking.hand_in(world)
    if world.dice.random() < 0.5:  # which network comes back first is nobody's choice
        _exchange_all(world)
    for store_id in sorted({each.store_id for each in world.tills}):
        ask_around(world, store_id, rounds=2)
    written, rounds = [True, True], 0
    while any(written):  # what was written in one round is sent in the next, and comes to all after that
        require(rounds < ROUNDS_MAX, "P18 exchanges never come to rest")
        written, rounds = [written[1], _exchange_all(world)], rounds + 1


def _exchange_all(world: World) -> bool:
    """Whether anybody wrote something by it: what that leads to goes round once more."""
    before = _heads(world)
    for till in world.tills:
        world.exchange(till)
    world.time.ms += 2 * MINUTE_MS
    return _heads(world) != before


def _heads(world: World) -> list[str]:
    return [till.journal.head().hash for till in world.tills]
