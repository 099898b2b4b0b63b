"""Goods put aside at another store: seen there at contact, answered, fetched, given up, or over with time."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from pos_client.services.refusals.goods import UnknownStore
from pos_client.services.refusals.reservations import ReservationOver, UnknownReservation
from pos_client.services.refusals.staff import NotAllowed
from pos_core.canonical import canonical_bytes
from pos_core.quantity import BadQuantity
from pos_core.stock.reservation import HOUR_MS
from pos_core.sync.folds import FOLDS, facts_of
from pos_core.sync.folds.facts import ReservationMoved
from tests.client.services.shop import PIN, Shop
from tests.client.services.supplied import supply
from tests.client.services.test_transfers_cut import Chain, feed
from tests.fakes.reference_rows import rows_of


class Reservations(Chain):
    """Two stores and a warehouse; `sync` carries reservations."""

    def sync(self) -> None:
        states: dict[str, object] = {}
        for shop in self.shops.values():
            for document in shop.documents():
                for fact in facts_of(document, document["body"], lean=True):
                    if isinstance(fact, ReservationMoved):
                        known = states.get(fact.reservation_id)
                        states[fact.reservation_id] = FOLDS["reservation"].apply(known, fact)  # type: ignore[arg-type]
        rows = [[name, canonical_bytes(state).decode()] for name, state in states.items()]
        for store in ("S001", "S002"):
            feed(self.shops[store], f"store:{store}", rows_of("reservation", rows))

    def state(self, store: str, reservation_id: str) -> str:
        desk = self.shops[store].workstation.reserving
        return desk.of(reservation_id).state_at(desk.now_ms())


@pytest.fixture
def chain(tmp_path: Path) -> Iterator[Reservations]:
    made = Reservations(tmp_path)
    yield made
    for shop in made.shops.values():
        shop.workstation.close()


def printed(shop: Shop) -> bytes:
    shop.workstation.printing.check().result(10)
    return b"".join(shop.paper.jobs)


def test_it_is_a_wish_until_the_other_store_has_heard_of_it_and_answered(chain: Reservations) -> None:
    here, there = chain.shops["S001"].workstation, chain.shops["S002"].workstation
    made = here.reserving.make("C1", 2000, at_store="S002").result(10)
    assert made.is_offline and made.until_ms == here.reserving.now_ms() + 24 * HOUR_MS
    paper = printed(chain.shops["S001"])
    assert made.reservation_id.encode() in paper and "预留单".encode("gb18030") in paper
    with pytest.raises(UnknownReservation):
        there.reserving.report(made.reservation_id, "kept")
    chain.sync()
    assert (there.reserving.waiting(), there.reserving.held_here()) == (1, {"C1": 2000})
    assert here.reserving.held_here() == {} and here.reserving.waiting() == 0
    there.reserving.report(made.reservation_id, "kept").result(10)
    assert chain.state("S002", made.reservation_id) == "kept" and there.reserving.waiting() == 0
    assert chain.state("S001", made.reservation_id) == "asked", "nobody has told this store yet"
    chain.sync()
    assert chain.state("S001", made.reservation_id) == "kept"
    there.reserving.report(made.reservation_id, "picked_up").result(10)
    chain.sync()
    assert chain.state("S001", made.reservation_id) == "picked_up"
    assert there.reserving.held_here() == {}
    assert there.shared.on_hand("C1").on_hand_milli == 0, "a reservation moves no goods"


def test_it_is_over_with_its_time_on_every_clock_without_a_word(chain: Reservations) -> None:
    here, there = chain.shops["S001"], chain.shops["S002"]
    made = here.workstation.reserving.make("C1", 1000, at_store="S002", hours=2).result(10)
    chain.sync()
    there.clock.pass_ms(2 * HOUR_MS - 1)
    assert there.workstation.reserving.held_here() == {"C1": 1000}
    there.clock.pass_ms(1)
    assert there.workstation.reserving.held_here() == {}
    assert chain.state("S002", made.reservation_id) == "expired"
    assert chain.state("S001", made.reservation_id) == "asked", "its own clock has not come so far"
    with pytest.raises(ReservationOver):
        there.workstation.reserving.report(made.reservation_id, "kept")
    there.workstation.reserving.report(made.reservation_id, "picked_up").result(10)
    assert chain.state("S002", made.reservation_id) == "picked_up", "he came late and it was still there"


def test_the_shopper_gives_it_up_while_the_other_store_puts_it_aside(chain: Reservations) -> None:
    here, there = chain.shops["S001"].workstation, chain.shops["S002"].workstation
    made = here.reserving.make("C1", 1000, at_store="S002").result(10)
    chain.sync()
    here.reserving.report(made.reservation_id, "released").result(10)
    there.reserving.report(made.reservation_id, "kept").result(10)
    chain.sync()
    assert {chain.state(store, made.reservation_id) for store in ("S001", "S002")} == {"released"}
    assert there.reserving.held_here() == {}


def test_what_a_store_must_not_do_is_refused(chain: Reservations) -> None:
    desk = chain.shops["S001"].workstation.reserving
    with pytest.raises(UnknownStore):
        desk.make("C1", 1000, at_store="S999")
    with pytest.raises(BadQuantity):
        desk.make("C1", 500, at_store="S002")
    made = desk.make("C1", 1000, at_store="S002", hours=1000).result(10)
    assert made.until_ms == desk.now_ms() + 24 * HOUR_MS, "no longer than the chain allows"
    for step in ("kept", "refused", "picked_up"):
        with pytest.raises(ReservationOver):
            desk.report(made.reservation_id, step)
    desk.report(made.reservation_id, "released").result(10)
    with pytest.raises(ReservationOver):
        desk.report(made.reservation_id, "released")
    chain.shops["S001"].policy("stock", {"roles": {"reserve": "manager"}, "reserve_hours": 2})
    chain.shops["S001"].workstation.session.sign_off().result(10)
    chain.shops["S001"].workstation.session.sign_on("1001", PIN).result(10)
    with pytest.raises(NotAllowed):
        desk.make("C1", 1000, at_store="S002")
    assert desk.until_ms() == desk.now_ms() + 2 * HOUR_MS


def test_what_is_put_aside_here_is_not_counted_on_when_ordering(chain: Reservations) -> None:
    shop = chain.shops["S001"]
    supply(shop)
    before = shop.workstation.replenishing.suggestions(["C1"])["C1"]
    shop.workstation.reserving.make("C1", 3000, at_store="S001").result(10)
    after = shop.workstation.replenishing.suggestions(["C1"])["C1"]
    assert after.needed_milli - before.needed_milli == 3000
    assert after.position.leaving_milli == 3000
