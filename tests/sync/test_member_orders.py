"""A member's orders and birthday, as promotions ask for them: counted at head office, known at every till."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from pos_client.journal.draft import Draft
from pos_client.services.shared_state import SharedState
from sync_server.services.acts import Act
from sync_server.services.importing import ImportOptions, ImportTarget, import_file
from sync_server.services.refold import Refold
from sync_server.store import feed
from tests.fakes.facts import sale
from tests.server.support.office import STORES
from tests.sync.floor import Floor, running_floor
from tests.sync.test_members import join
from tests.sync.world import Till, World

FILE = "member_id,phone,name,tier,home_store_id,birthday\nM7,13800138000,王小明,standard,S001,{}\n"


@pytest.fixture
def neighbours(world: World) -> World:
    """A second store of the first one's region."""
    world.put("store", [["S003", "中山路店", "east", *STORES[0][3:]]])
    return world


@pytest.fixture
def floor(tmp_path: Path) -> Iterator[Floor]:
    with running_floor(tmp_path) as found:
        yield found


def known(till: Till, member_id: str = "M7") -> tuple[int, int | None]:
    shared = SharedState(till.journal, till.replica, till.identity.workstation_id)
    return shared.pricing_facts_of(member_id)


def bring(world: World, folder: Path, birthday: str) -> None:
    file = folder / "members.csv"
    file.write_text(FILE.format(birthday))
    target = ImportTarget(world.office.store, world.office.keys, world.clock.now_ms())
    assert import_file(target, "members", file, ImportOptions()).imported


def order(till: Till, member_id: str | None = "M7", kind: str = "sale") -> None:
    origin = None if kind == "sale" else {"workstation_id": "ws", "incarnation": 1, "number": 1}
    till.journal.record([Draft(kind, sale(member_id=member_id, origin=origin), "2026-11-22")]).result()


def test_orders_of_every_store_count_once_wherever_the_member_shops(
    neighbours: World, tmp_path: Path
) -> None:
    bring(neighbours, tmp_path, "1990-05-17")
    a, b = neighbours.till("a"), neighbours.till("b", store_id="S003")
    a.client.exchange()
    assert known(a) == (0, 17)
    order(a)
    order(a, None)
    order(a, kind="return")
    assert known(a) == (1, 17)  # at once, and what comes back was ordered all the same
    order(b)
    b.client.exchange()
    a.client.exchange()
    assert known(a) == (2, 17)
    order(a)
    assert (known(a), known(b)) == ((3, 17), (1, 17))
    a.client.exchange()
    b.client.exchange()
    assert known(a) == known(b) == (3, 17)
    differences = neighbours.office.store.read(
        lambda txn: list(Refold(txn, neighbours.office.keys).differences())
    )
    assert differences == []


def test_a_birthday_travels_without_its_year_and_follows_a_correction(world: World, tmp_path: Path) -> None:
    till = world.till()
    bring(world, tmp_path, "1990-05-17")
    till.client.exchange()
    order(till)
    till.client.exchange()
    assert known(till) == (1, 17)
    bring(world, tmp_path, "1991-05-18")
    till.client.exchange()
    assert known(till) == (1, 18)
    bring(world, tmp_path, "")
    till.client.exchange()
    assert known(till) == (1, None)
    rows = world.office.store.read(lambda txn: list(feed.rows_of(txn, "member_pricing", "store:S001")))
    assert rows == [["M7", 1, None]]


def test_ids_confirmed_as_one_member_have_the_orders_of_both(world: World, tmp_path: Path) -> None:
    till = world.till()
    bring(world, tmp_path, "")
    till.client.exchange()
    world.clock.advance(60_000)
    join(till, "m-0")
    order(till, "m-0")
    order(till, "M7")
    till.client.exchange()
    assert (known(till, "M7")[0], known(till, "m-0")[0]) == (1, 1)
    world.office.member_links.say(Act("hq", "one person"), "M7", "m-0", "confirmed")
    till.client.exchange()
    assert (known(till, "M7")[0], known(till, "m-0")[0]) == (2, 1)


def test_an_order_next_door_counts_without_head_office(floor: Floor) -> None:
    a, b, _ = floor.stations
    join(a.till, "m1")
    a.record("sale", sale(member_id="m1"))
    assert b.shared.pricing_facts_of("m1")[0] == 0
    b.ask(a)
    assert b.shared.pricing_facts_of("m1")[0] == 1
    floor.exchange(a)
    floor.exchange(b)
    assert b.shared.pricing_facts_of("m1")[0] == 1
