"""Head office revokes a workstation half way: nothing passes from or to it once the others know.

Its machine stays on the shop's network and goes on trying, as in a thief's hands; it has no line to head
office until the end. A neighbour knows once an exchange with head office went through.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pos_client.journal import baskets
from pos_client.journal.passing import outgoing
from pos_client.sync.errors import RevokedHere
from pos_core.sync.revocation import GRACE_HOURS_MAX
from sync_server.store import feed, workstation
from tests.sim.broken import require
from tests.sim.hearing import ask

if TYPE_CHECKING:
    from tests.sim.machines import Till
    from tests.sim.world import World

EVERY, FIRST = 4, 2
"""Of the seeds of the floor, one in so many revokes: 2, 6, 10 …"""


@dataclass
class Revoked:
    """`known`: till → answers that had passed to and from the revoked one when it came to know."""

    till: Till
    dice: random.Random
    known: dict[str, tuple[int, int]] = field(default_factory=dict)


def revoke_when_due(world: World, step: int, steps: int) -> None:
    """Half way, in the seeds that revoke: the last workstation of the first store."""
    if world.lan is None or world.seed % EVERY != FIRST or step != steps // 2:
        return
    till = next(each for each in reversed(world.tills) if each.store_id == "S001")
    _revoke(world, till)
    world.tills.remove(till)
    till.line.up = False
    world.revoked = Revoked(till, random.Random(world.seed))


def go_on_trying(world: World, *, often: float = 0.5) -> None:
    """It asks and is asked, whoever knows; then the rule is checked."""
    revoked = world.revoked
    if revoked is None:
        return
    _revoke_again(world, revoked)
    for other in (each for each in world.tills if each.store_id == revoked.till.store_id):
        if revoked.dice.random() < often:
            ask(world, revoked.till, other)
        if revoked.dice.random() < often:
            ask(world, other, revoked.till)
    _leave_its_baskets(world, revoked)
    for name, before in revoked.known.items():
        require(_passed(world, revoked, name) == before, "revoked: spoken to", name, before)


def learns(world: World, till: Till) -> None:
    """`till` has what head office has."""
    revoked = world.revoked
    if revoked is not None and till is not revoked.till and till.name not in revoked.known:
        revoked.known[till.name] = _passed(world, revoked, till.name)


def forgets(world: World, till: Till) -> None:
    """An older disk took the place of its present one."""
    if world.revoked is not None:
        world.revoked.known.pop(till.name, None)


def hand_in(world: World) -> None:
    """All others know; then it gets a line too: what it had written arrives, and it destroys its secrets."""
    revoked = world.revoked
    if revoked is None:
        return
    for till in world.tills:
        world.exchange(till)
    go_on_trying(world, often=1.0)
    revoked.till.line.up, revoked.till.line.rate, revoked.till.clock.skew_ms = True, 0.0, 0
    try:
        revoked.till.sync.exchange()
    except RevokedHere:
        return
    require(False, "revoked: not told", revoked.till.name)


def _revoke(world: World, till: Till) -> None:
    """What it sold before is still taken of it."""
    services, grace = world.office.services, [["revoked_grace", str(GRACE_HOURS_MAX)]]
    services.store.write(lambda txn: feed.put_rows(txn, "policy", "chain", grace))
    services.workstations.revoke(till.id)


def _revoke_again(world: World, revoked: Revoked) -> None:
    """A head office that came up with an earlier state is told again, and tells the others again."""
    state = world.office.services.store.read(lambda txn: workstation.get(txn, revoked.till.id))
    if state is not None and state.state == "active":
        _revoke(world, revoked.till)
        revoked.known.clear()


def _passed(world: World, revoked: Revoked, name: str) -> tuple[int, int]:
    assert world.lan is not None
    pairs = ((revoked.till.name, name), (name, revoked.till.name))
    to_it, from_it = (len(world.lan.said.get(pair, [])) for pair in pairs)
    return to_it, from_it


def _leave_its_baskets(world: World, revoked: Revoked) -> None:
    """What it has on hold, or was on its way to it, is nobody's any more."""
    gone = {each.held_id for each in revoked.till.journal.read(baskets.held_baskets)}
    gone |= {each.body.get("held_id") for each in world.history.told if each.till == revoked.till.name}
    for till in world.tills:
        on_its_way = till.journal.read(lambda c: outgoing(c, revoked.till.id))
        gone |= {each.basket.held_id for each in on_its_way}
    world.history.baskets_back |= {each for each in gone if each}
