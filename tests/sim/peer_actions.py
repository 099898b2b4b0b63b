"""What happens between the workstations of a store: questions, cut cables, things that change hands."""

from __future__ import annotations

from collections.abc import Callable

from tests.sim.actions import pay, scans, till_of
from tests.sim.chain import gtin
from tests.sim.hearing import ask, ask_around
from tests.sim.lan import Lan, dying_at
from tests.sim.machines import Till
from tests.sim.network import Killed
from tests.sim.world import World, bomb


def _lan(world: World) -> Lan:
    assert world.lan is not None
    return world.lan


def _others(world: World, till: Till) -> list[Till]:
    return [each for each in world.tills if each is not till and each.store_id == till.store_id]


def _pair(world: World) -> tuple[Till, Till]:
    """Two workstations of one store."""
    tills = [each for each in world.tills if _others(world, each)]
    one = world.dice.choice(tills)
    return one, world.dice.choice(_others(world, one))


def _ask(world: World) -> None:
    asker, other = _pair(world)
    ask(world, asker, other)
    if world.dice.random() < 0.5:
        ask(world, other, asker)
    if world.dice.random() < 0.5:
        tidy(asker)


def _ask_around(world: World) -> None:
    till, _ = _pair(world)
    ask_around(world, till.store_id)
    for each in (till, *_others(world, till)):
        tidy(each)


def tidy(till: Till) -> None:
    """What every look does now and then."""
    assert till.net is not None
    till.net._desk.tidy()


def _ask_next_door(world: World) -> None:
    """A workstation of another store in the same building is called by mistake: it says nothing."""
    till = till_of(world)
    strangers = [each for each in world.tills if each.store_id != till.store_id]
    if strangers:
        ask(world, till, world.dice.choice(strangers))


def _ask_and_die(world: World) -> None:
    """Who asked dies before the answer is there; or who answered, after its work and before it is heard."""
    asker, other = _pair(world)
    victim = world.dice.choice((asker, other))

    def dies() -> None:
        world.restart(other, other.image())

    held = [each.held_id for each in world.held(other)]
    try:
        with dying_at(_lan(world), bomb(asker, 1) if victim is asker else dies):
            if held and world.dice.random() < 0.6:
                world.say(asker, "recall", held_id=held[0])
                world.say(asker, "clear")
            else:
                ask(world, asker, other)
    except Killed:
        world.restart(asker, asker.folder.with_name(f"{asker.name}.image"))


def _hear_twice(world: World) -> None:
    """An answer comes once more: two ways lead to one workstation, and one is slow."""
    asker, other = _pair(world)
    ask(world, asker, other)
    said = _lan(world).said.get((asker.name, other.name), [])
    if said and asker.net is not None:
        desk = asker.net._desk
        peer = world.peer_of(other)
        desk.take(peer, said[-1])
        world.after(asker)


def recall_elsewhere(world: World) -> None:
    """A basket on hold at one workstation is asked for at another, and paid or put aside again."""
    taker, holder = _pair(world)
    if not world.held(holder):
        for scanned in scans(world):
            world.say(holder, "enter", text=scanned)
        if not world.say(holder, "hold")["ok"]:
            world.say(holder, "clear")
            return
    ask(world, taker, holder)
    seen = world.say(taker, "held").get("elsewhere", [])
    if not seen:
        return
    answer = world.say(taker, "recall", held_id=world.dice.choice(seen)["held_id"])
    world.after(holder)
    world.steps[f"recall_elsewhere:{'ok' if answer['ok'] else answer['error']['code']}"] += 1
    if not answer["ok"]:
        return
    if world.dice.random() < 0.3:
        world.say(taker, "hold")
    elif not pay(world, taker):
        world.say(taker, "back")
        world.say(taker, "clear")


def leased_coupon(world: World) -> None:
    """A coupon that one workstation holds is shown at any of them: it comes, or the answer is no."""
    till, other = _pair(world)
    coupon_id = world.dice.choice(sorted(world.codes))
    if world.dice.random() < 0.7:
        ask(world, till, other)
    for _ in range(3):
        world.say(till, "enter", text=gtin(9))
    answer = world.say(till, "coupon_present", code=world.codes[coupon_id])
    if not answer["ok"] and answer["error"]["code"] == "coupon_coming":
        for each in _others(world, till):
            world.after(each)
        answer = world.say(till, "coupon_present", code=world.codes[coupon_id])
        world.steps[f"coupon_came:{answer['ok']}"] += 1
    world.steps[f"leased:{'ok' if answer['ok'] else answer['error']['code']}"] += 1
    if world.dice.random() < 0.3 or not pay(world, till):
        world.say(till, "back")
        world.say(till, "clear")


def _cable(world: World) -> None:
    """A cable is cut or mended, or the whole network of the shop suffers."""
    dice, (one, other) = world.dice, _pair(world)
    match dice.randrange(4):
        case 0 | 1:
            _lan(world).cut ^= {frozenset((one.name, other.name))}
        case 2:
            _lan(world).rate = dice.choice([0.0, 0.2, 0.5])
        case _:
            names = [each.name for each in (one, *_others(world, one))]
            pairs = {frozenset((a, b)) for a in names for b in names if a != b}
            _lan(world).cut = set() if pairs & _lan(world).cut else _lan(world).cut | pairs


def _store_alone(world: World) -> None:
    """The line of a whole store to head office goes, or comes again."""
    till, _ = _pair(world)
    up = not till.line.up
    for each in (till, *_others(world, till)):
        each.line.up = up


def _peers_file(world: World) -> None:
    """What others told is gone from a disk: it is told again."""
    till, _ = _pair(world)
    till.lose_peers_file()
    world.hearing.forget(till.name)
    world.sign_on(till)


ACTIONS: dict[str, tuple[float, Callable[[World], None]]] = {
    "ask": (14, _ask),
    "ask_around": (6, _ask_around),
    "ask_next_door": (0.5, _ask_next_door),
    "ask_and_die": (3, _ask_and_die),
    "hear_twice": (1, _hear_twice),
    "recall_elsewhere": (7, recall_elsewhere),
    "leased_coupon": (5, leased_coupon),
    "cable": (4, _cable),
    "store_alone": (3, _store_alone),
    "peers_file": (1, _peers_file),
}
