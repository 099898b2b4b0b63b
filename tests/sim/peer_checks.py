"""Rules between the workstations of a store: after each step, and once the faults are over."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable
from typing import TYPE_CHECKING

from pos_client.journal import baskets
from pos_client.journal.passing import outgoing
from tests.sim.broken import require
from tests.sim.hearing import was_put_back

if TYPE_CHECKING:
    from tests.sim.machines import Till
    from tests.sim.world import World


DOCUMENTS = "SELECT workstation_id, hash FROM peer_document"


def check_now(world: World) -> None:
    """After each step, whatever is cut: a thing has one holder or is on its way, never two."""
    held: dict[str, list[str]] = defaultdict(list)
    for till in world.tills:
        for basket in till.journal.read(baskets.held_baskets):
            held[basket.held_id].append(till.name)
    for held_id, holders in held.items():
        doubtful = held_id in world.history.baskets_back
        require(doubtful or len(holders) == 1, "P2 one holder of a basket", held_id, holders)
    p2_no_basket_is_taken_up_twice(world)
    p9_a_leased_coupon_has_one_holder(world)


def p2_no_basket_is_taken_up_twice(world: World) -> None:
    """A basket that was put on hold so many times is recalled or abandoned at most as often."""
    begun, ended = _counted(world)
    for held_id in ended:
        if held_id not in world.history.baskets_back:
            require(ended[held_id] <= begun[held_id], "P2 a basket taken up twice", held_id)


def p9_a_leased_coupon_has_one_holder(world: World) -> None:
    """And is used at most once."""
    for coupon_id, allowance_id in world.leased.items():
        sure = [till for till in world.tills if not was_put_back(world, till.store_id)]
        holders = [till.name for till in sure if _has(till, allowance_id, coupon_id)]
        require(len(holders) <= 1, "P9 one holder of a leased coupon", coupon_id, holders)
        uses = [
            told.place
            for told in world.history.told
            if told.type == "sale" and told.store_id in {each.store_id for each in sure}
            for use in told.body.get("coupon_uses", [])
            if use["coupon_code"] == coupon_id
        ]
        require(len(uses) <= 1, "P9 a leased coupon used twice", coupon_id, uses)


def _has(till: Till, allowance_id: str, coupon_id: str) -> bool:
    held = till.workstation.coupons._counter.allowance_book.slices().get(allowance_id)
    return held is not None and coupon_id in held.coupons_left


def check_healed(world: World) -> None:
    """After `actions.heal`: nothing is on its way any more, and nothing that was said is a stranger's."""
    for each in HEALED:
        each(world)


def p2_nothing_is_stranded(world: World) -> None:
    """Each basket that was put on hold was taken up, abandoned, or is on hold at one workstation."""
    begun, ended = _counted(world)
    held = Counter(each.held_id for till in world.tills for each in till.journal.read(baskets.held_baskets))
    for held_id, times in begun.items():
        if held_id in world.history.baskets_back:
            continue
        require(ended[held_id] + held[held_id] == times, "P2 a basket is nowhere, or twice", held_id)


def p2_nothing_waits_for_an_acknowledgement(world: World) -> None:
    """What was let go of is not kept for ever."""
    for till in world.tills:
        for other in world.tills:
            if till.store_id == other.store_id and not was_put_back(world, till.store_id):
                left = till.journal.read(lambda c, o=other: outgoing(c, o.id))  # type: ignore[misc]
                require(not left, "P2 still on its way", till.name, other.name, len(left))


def p11_peers_copies_are_what_their_workstations_wrote(world: World) -> None:
    """Byte for byte: what is in a peers' file is another workstation's own document."""
    for till in world.tills:
        rows = till.peers.read(
            lambda c: c.execute("SELECT workstation_id, hash FROM peer_document").fetchall()
        )
        for workstation_id, hash_ in rows:
            require(hash_ in world.history.known, "P11 a stranger's document", till.name, workstation_id)
            require(workstation_id != till.id, "P11 its own, from another", till.name)


def _counted(world: World) -> tuple[Counter[str], Counter[str]]:
    begun: Counter[str] = Counter()
    ended: Counter[str] = Counter()
    for told in world.history.told:
        held_id = told.body.get("held_id")
        if held_id and told.type == "basket_held":
            begun[held_id] += 1
        elif held_id and (told.type == "basket_recalled" or told.body.get("reason") == "not_recalled"):
            ended[held_id] += 1
    return begun, ended


HEALED: tuple[Callable[[World], None], ...] = (
    p2_nothing_is_stranded,
    p2_nothing_waits_for_an_acknowledgement,
    p11_peers_copies_are_what_their_workstations_wrote,
)
