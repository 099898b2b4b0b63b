"""Stock of another store, from its sale to the screen of this one: live, and packed with the line cut."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from pos_client.journal.draft import Draft
from pos_client.journal.time_guard import TimeGuard
from pos_client.replica.digests import digests
from pos_client.services.counter import Counter, Identity
from pos_client.services.goods.nearby_stock import NearbyPlace, NearbyStock
from pos_client.services.goods.stock_cards import StockCards
from pos_client.services.goods.stock_room import StockRoom
from pos_client.services.guarded_time import GuardedTime
from pos_client.services.views.staff import OperatorView
from pos_core.catalog.store import Role
from sync_server.store import workstation
from sync_server.store.workstation import WorkstationRow
from tests.fakes.reference_rows import item_row
from tests.server.support.nearby import AROUND
from tests.sync.world import Till, World, running_world


@pytest.fixture
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with running_world(tmp_path_factory.mktemp("around")) as found:
        found.put("store", AROUND)
        found.put("item", [item_row("A", "商品"), item_row("B", "另一个")])
        yield found


def counter_of(till: Till, role: Role = "cashier") -> Counter:
    guard = till.journal.read(lambda c: TimeGuard.load(till.clock, c, newest_document_ms=0))
    counter = Counter(
        identity=Identity(till.identity.workstation_id, "收银台", till.identity.store_id, "chain"),
        journal=till.journal,
        replica=till.replica,
        time=GuardedTime(till.clock, guard),
    )
    counter.operator = OperatorView("E1", "1001", "王小明", role)
    return counter


def service(till: Till) -> NearbyStock:
    return NearbyStock(counter_of(till), till.client.ask_stock)


def find(till: Till, milli: int) -> None:
    lines = [{"line_no": 1, "sku": "A", "quantity_milli": milli}]
    body = {"reason": "correction", "reason_code": "found", "note": None, "lines": lines}
    till.journal.record([Draft("stock_movement", body, "2026-11-22", "E1", None)]).result()
    till.client.exchange()


def at(places: tuple[NearbyPlace, ...], store_id: str) -> NearbyPlace:
    return next(each for each in places if each.store_id == store_id)


def test_live_when_online_and_the_last_known_step_when_not(world: World) -> None:
    here, there = world.till("here"), world.till("there", store_id="S002")
    here.client.exchange()
    find(there, 4000)
    world.office.workstations.flush_contacts()
    asked = service(here)
    live = at(asked.now("A").result(60).places, "S002")
    assert (live.on_hand_milli, live.is_live) == (4000, True)
    packed_at = world.clock.now_ms()
    world.office.nearby_stock.refresh()
    assert here.client.exchange().healed == []
    world.clock.advance(3_600_000)
    find(there, -3000)
    here.client.go_offline()
    known = asked.now("A").result(60)
    assert not known.answered
    place = at(known.places, "S002")
    assert (place.step, place.on_hand_milli, place.as_of_ms) == ("2-5", None, packed_at)
    assert [each.store_id for each in known.places] == ["S003", "S002", "W001"]


def test_a_region_s_rows_are_the_same_at_both_ends_after_every_change(world: World) -> None:
    here, there = world.till("here"), world.till("there", store_id="S002")
    for milli in (1000, 1000, 7000, -9000, 2000):
        find(there, milli)
        world.clock.advance(900_000)
        world.office.nearby_stock.refresh()
        assert here.client.exchange().healed == []
        mine = here.replica.read(lambda c: digests(c, "region:east"))
        said = world.office.feed.digest(row_of(world, here), "region:east")
        assert {kind: list(each) for kind, each in mine.items()} == said.kinds


def row_of(world: World, till: Till) -> WorkstationRow:
    row = world.office.store.read(lambda txn: workstation.get(txn, till.identity.workstation_id))
    assert row is not None
    return row


def test_a_card_has_the_other_till_s_rows_and_says_when_it_cannot(world: World) -> None:
    here, there = world.till("here"), world.till("there")
    for each in (here, there):
        each.client.exchange()
    find(there, 4000)
    world.clock.advance(1000)
    find(here, -1000)
    world.office.workstations.flush_contacts()
    counter = counter_of(here, "manager")
    cards = StockCards(counter, StockRoom(counter), here.client.ask_movements)
    live = cards.now("A").result(60)
    assert live.answered and live.unheard == ()
    moved = [(row.entry.quantity_milli, row.balance_milli) for row in live.rows]
    assert moved == [(-1000, 3000), (4000, 4000)]
    assert live.rows[1].entry.workstation_id == there.identity.workstation_id
    here.client.go_offline()
    known = cards.now("A").result(60)
    assert not known.answered and [row.entry.quantity_milli for row in known.rows] == [-1000]
    assert [each.name for each in known.unheard] == ["there"]
