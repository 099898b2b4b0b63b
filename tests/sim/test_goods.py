"""Goods of two stores and a warehouse: real machines and head office, driven by requests, cut at each step.

Transfers with the network gone from each step on, and counts of three workstations that hear nothing of each
other while all sell; then everybody exchanges, and every promise is checked (P7 and P10 among them).
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from tests.sim import chain, checks
from tests.sim import world as world_module
from tests.sim.actions import COUNTED
from tests.sim.chain import MANAGERS, OPERATORS, PIN, gtin, sku
from tests.sim.machines import Till
from tests.sim.run import make_template, quiet_disks
from tests.sim.steps import heal
from tests.sim.world import World

TILLS = (("t1", "S001"), ("t2", "S001"), ("t4", "S001"), ("t3", "S002"), ("w1", "W001"))
STEPS = (
    ("t1", "requested"),
    ("w1", "approved"),
    ("w1", "picked"),
    ("w1", "shipped"),
    ("t2", "received"),
)
DAYS = 3
MINUTE_MS = 60_000


@pytest.fixture(scope="module")
def depot(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The chain of the runs with a warehouse, and a third workstation in the first store."""
    with ExitStack() as stack:
        stack.enter_context(patch.dict(OPERATORS, W001="3001"))
        stack.enter_context(patch.dict(MANAGERS, W001="3009"))
        stack.enter_context(patch.object(chain, "STORES", (*chain.STORES, ("W001", "east"))))
        for module in (chain, world_module):
            stack.enter_context(patch.object(module, "WORKSTATIONS", TILLS))
        stack.enter_context(quiet_disks())
        yield make_template(tmp_path_factory.mktemp("depot") / "template")


@pytest.fixture
def world(depot: Path, tmp_path: Path) -> Iterator[World]:
    made = World.open(depot, tmp_path / "run", 1)
    for till in made.tills:
        said(made, till, "sign_on", operator_number=MANAGERS[till.store_id], pin=PIN)
        said(made, till, "open_shift", float_minor=0)
    yield made
    made.close()


def said(world: World, till: Till, op: str, **fields: Any) -> dict[str, Any]:
    answer = world.say(till, op, **fields)
    assert answer["ok"], (till.name, op, fields, answer)
    return answer


def named(world: World, name: str) -> Till:
    return next(till for till in world.tills if till.name == name)


def sell(world: World, till: Till, number: int, pieces: int = 1) -> None:
    said(world, till, "enter", text=f"{pieces}*{gtin(number)}")
    remaining = said(world, till, "begin_payment")["payment"]["remaining_minor"]
    said(world, till, "pay", tender_code="cash", amount_minor=remaining)


def on_hand(world: World, name: str, number: int) -> int:
    milli: int = said(world, named(world, name), "stock", sku=sku(number))["stock"]["on_hand_milli"]
    return milli // 1000


def exchange(world: World) -> None:
    """The store, the warehouse and the other store, until each has what the others wrote."""
    for till in [*world.tills, *world.tills]:
        assert world.exchange(till)


def test_a_transfer_is_on_one_shelf_or_on_none_wherever_the_network_goes(world: World) -> None:
    """Whoever has not heard of it waits for the network, or books by the paper that came with the goods."""
    done = [transfer(world, cut, number=cut + 1) for cut in range(len(STEPS) + 1)]
    exchange(world)
    for name in ("t1", "w1"):
        views = {
            each["transfer_id"]: each for each in said(world, named(world, name), "transfers")["transfers"]
        }
        for cut, transfer_id in enumerate(done):
            view = views[transfer_id]
            assert (view["status"], view["in_transit"]) == ("received", {}), cut
            assert view["differences"] == {sku(cut + 1): -1000}
    assert said(world, named(world, "t3"), "transfers")["transfers"] == []
    said(world, named(world, "w1"), "transfer", step="closed", transfer_id=done[0], reason="lost")
    heal(world)
    checks.check(world)


def transfer(world: World, cut: int, number: int) -> str:
    """From step `cut` on nobody hears anybody."""
    transfer_id = ""
    for place, (name, step) in enumerate(STEPS):
        till = named(world, name)
        if 0 < place <= cut:
            exchange(world)
        lines = [{"sku": sku(number), "quantity_milli": 5000 if step == "received" else 6000}]
        if not transfer_id:
            ends = {"from_store_id": "W001", "to_store_id": "S001"}
            asked = said(world, till, "transfer", step=step, lines=lines, **ends)
            transfer_id = asked["transfer"]["transfer_id"]
            continue
        known = {each["transfer_id"]: each for each in said(world, till, "transfers")["transfers"]}
        if step == "received" and not (transfer_id in known and known[transfer_id]["in_transit"]):
            codes = said(world, named(world, "w1"), "transfer_codes", transfer_id=transfer_id)["codes"]
            said(world, till, "receive_slip", codes=codes, lines=lines)
            assert world.say(till, "receive_slip", codes=codes)["error"]["code"] == "already_booked"
        else:
            if transfer_id not in known:
                exchange(world)
            said(world, till, "transfer", step=step, transfer_id=transfer_id, lines=lines)
        shelves = (on_hand(world, "w1", number), on_hand(world, "t2", number))
        assert shelves == ((-6, 5) if step == "received" else (-6 * (step == "shipped"), 0))
    sell(world, named(world, "t3"), number)  # the other store sells on
    return transfer_id


def test_counts_of_three_workstations_find_what_a_frozen_shop_would_have(world: World) -> None:
    """Two places, whoever is near; signed whenever; heard in any order. Nothing is ever adjusted."""
    dice = random.Random(4)
    tills = [named(world, name) for name in ("t1", "t2", "t4")]
    lies, gone = {"floor": 40, "back": 0}, {"floor": 0, "back": 0}
    said(world, tills[0], "receive", lines=[{"sku": sku(COUNTED), "quantity_milli": 40_000}])

    def happen() -> None:
        for _ in range(dice.randrange(4)):
            world.time.ms += 10 * MINUTE_MS
            till, many = dice.choice(tills), dice.randrange(1, 4)
            what = dice.choice(("sell", "receive", "vanish", "exchange"))
            if what == "sell" and lies["floor"] >= many:
                lies["floor"] -= many
                sell(world, till, COUNTED, many)
            elif what == "receive":
                lies["back"] += many
                said(world, till, "receive", lines=[{"sku": sku(COUNTED), "quantity_milli": many * 1000}])
            elif what == "exchange":
                world.exchange(till)
            elif lies[side := dice.choice(("floor", "back"))]:
                lies[side], gone[side] = lies[side] - 1, gone[side] + 1

    for day in range(1, DAYS + 1):
        frozen, open_lists = 0, []
        for side in dice.sample(("floor", "back"), 2):
            happen()
            world.time.ms += 10 * MINUTE_MS
            till = dice.choice(tills)
            made = said(world, till, "count_begin", session_id=str(day), area=side)["list"]["list_id"]
            text = {"list_id": made, "text": gtin(COUNTED), "quantity_milli": lies[side] * 1000}
            said(world, till, "count_scan", **text)
            open_lists.append((till, made))
            frozen, gone[side] = frozen - gone[side], 0
        happen()
        for till, made in dice.sample(open_lists, 2):
            said(world, till, "count_finish", list_id=made)
            happen()
        dice.shuffle(world.tills)
        world.time.ms += 10 * MINUTE_MS
        exchange(world)
        lost_since = sum(gone.values())
        for till in tills:
            session = said(world, till, "count_sessions")["sessions"][0]["session_id"]
            [line] = said(world, till, "count_review", session_id=session)["review"]["lines"]
            assert (line["variance_milli"], line["doubtful_milli"]) == (frozen * 1000, 0), (day, till.name)
            assert on_hand(world, till.name, COUNTED) == sum(lies.values()) + lost_since
    heal(world)
    checks.check(world)
