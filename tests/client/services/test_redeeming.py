"""A reservation's slip at the checkout: signed, good without a network, and closed once by the sale."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from pos_client.services.refusals.goods import SlipAltered, SlipTorn, SlipUnknownKey
from pos_client.services.refusals.reservations import (
    ReservationElsewhere,
    ReservationInBasket,
    ReservationOver,
)
from pos_client.services.reservations.reservation_slips import signed_code
from pos_core.sale.basket_json import basket_from_json, basket_to_json
from pos_core.stock.reservation import HOUR_MS
from pos_core.stock.reservation_slip import ReservationSlip
from pos_core.sync.folds import FOLDS, facts_of
from pos_core.sync.folds.facts import ReservationMoved
from pos_core.sync.rulings import Terms, rulings_of
from tests.client.services.shop import COLA, Shop
from tests.client.services.test_reserving import Reservations, printed
from tests.client.services.test_transfers_cut import feed
from tests.fakes.reference_rows import rows_of


@pytest.fixture
def chain(tmp_path: Path) -> Iterator[Reservations]:
    made = Reservations(tmp_path)
    yield made
    for shop in made.shops.values():
        shop.workstation.close()


def slip(shop: Shop) -> str:
    found = re.findall(rb"TMB1\.[A-Za-z0-9_.-]+", printed(shop))
    return found[-1].decode()


def asked(chain: Reservations, sku: str = "C1", milli: int = 2000) -> tuple[str, str]:
    """Store 1 asks store 2, with a till open there: the reservation and its slip's code."""
    made = chain.shops["S001"].workstation.reserving.make(sku, milli, at_store="S002").result(10)
    chain.shops["S002"].workstation.shift.open_shift(0).result(10)
    return made.reservation_id, slip(chain.shops["S001"])


def paid(shop: Shop) -> None:
    payment = shop.workstation.payment
    payment.begin()
    payment.add("cash", None)
    payment.finish().result(10)


def test_nobody_told_the_store_and_its_sale_closes_the_reservation(chain: Reservations) -> None:
    reservation_id, code = asked(chain)
    there = chain.shops["S002"]
    redeemed = there.workstation.redeeming.redeem(code)
    assert redeemed.reservation_id == reservation_id and not redeemed.is_late and redeemed.to_scan == ()
    lines = there.workstation.ring_up.basket().lines
    assert [(line.sku, line.quantity_milli) for line in lines] == [("C1", 2000)]
    assert there.documents("reservation_reported") == [], "nothing is closed before the sale is on disk"
    paid(there)
    sale, closed = there.documents()[-2:]
    assert sale["type"] == "sale" and sale["body"]["reservation_ids"] == [reservation_id]
    assert closed["body"]["step"] == "picked_up" and closed["body"]["sale_number"] == sale["number"]
    assert chain.state("S002", reservation_id) == "picked_up"
    chain.sync()
    assert chain.state("S001", reservation_id) == "picked_up"
    with pytest.raises(ReservationOver):
        there.workstation.redeeming.redeem(code)


def test_a_refused_slip_leaves_the_basket_as_it_was(chain: Reservations) -> None:
    _, code = asked(chain)
    here, there = chain.shops["S001"], chain.shops["S002"]
    here.workstation.shift.open_shift(0).result(10)
    with pytest.raises(ReservationElsewhere):
        here.workstation.redeeming.redeem(code)
    desk = there.workstation.redeeming
    with pytest.raises(SlipTorn):
        desk.redeem(code[:-40])
    name, writer, payload, signature = code.split(".")
    altered = "A" if signature[0] != "A" else "B"
    with pytest.raises(SlipAltered):
        desk.redeem(".".join((name, writer, payload, altered + signature[1:])))
    with pytest.raises(SlipUnknownKey):
        desk.redeem(".".join((name, "ws-9", payload, signature)))
    foreign = ReservationSlip("RS003-0102-ABCDEF", "ws-1", "S002", "W001", 2**40, (("C1", 1000),))
    with pytest.raises(SlipUnknownKey):  # signed by a workstation that is not of the store that asked
        desk.redeem(signed_code_of(here, foreign))
    assert there.workstation.ring_up.basket().lines == ()
    there.workstation.ring_up.enter(COLA)
    desk.redeem(code)
    with pytest.raises(ReservationInBasket):
        desk.redeem(code)
    assert [line.quantity_milli for line in there.workstation.ring_up.basket().lines] == [1000, 2000]


def signed_code_of(shop: Shop, found: ReservationSlip) -> str:
    return signed_code(shop.workstation.reserving._counter, found)


def test_a_revoked_workstation_s_slip_is_not_believed(chain: Reservations) -> None:
    _, code = asked(chain)
    there = chain.shops["S002"]
    key = chain.shops["S001"].journal.public_key()
    feed(there, "chain", rows_of("workstation_key", [["ws-1", "S001", "一店收银台", key, "revoked"]]))
    with pytest.raises(SlipUnknownKey):
        there.workstation.redeeming.redeem(code)


def test_goods_that_were_all_taken_off_again_stay_put_aside(chain: Reservations) -> None:
    reservation_id, code = asked(chain)
    there = chain.shops["S002"]
    there.workstation.redeeming.redeem(code)
    there.workstation.ring_up.void_line(1)
    there.workstation.ring_up.enter("06923644223458")
    paid(there)
    assert "reservation_ids" not in there.documents("sale")[-1]["body"]
    assert there.documents("reservation_reported") == []
    chain.sync()
    assert chain.state("S002", reservation_id) == "asked"


def test_it_survives_a_restart_and_a_hold(chain: Reservations) -> None:
    reservation_id, code = asked(chain)
    there = chain.shops["S002"]
    there.workstation.redeeming.redeem(code)
    basket = there.workstation.ring_up._counter.basket
    assert basket_from_json(basket_to_json(basket)) == basket
    held = there.workstation.holding.hold().result(10)
    there.workstation.holding.recall(held.held_id).result(10)
    paid(there)
    assert there.documents("reservation_reported")[-1]["body"]["reservation_id"] == reservation_id


def test_who_comes_late_is_served_and_it_is_said(chain: Reservations) -> None:
    _, code = asked(chain)
    there = chain.shops["S002"]
    there.clock.pass_ms(25 * HOUR_MS)
    assert there.workstation.redeeming.redeem(code).is_late


def test_without_the_slip_its_number_is_typed_once_the_store_has_heard(chain: Reservations) -> None:
    reservation_id, _ = asked(chain)
    there = chain.shops["S002"].workstation
    assert not there.redeeming.is_code(reservation_id)
    chain.sync()
    assert there.redeeming.is_code(reservation_id)
    there.redeeming.redeem(reservation_id)
    assert [line.sku for line in there.ring_up.basket().lines] == ["C1"]


def test_weighed_goods_go_over_the_scale_and_their_sale_closes_it(chain: Reservations) -> None:
    reservation_id, code = asked(chain, "W1", 1500)
    there = chain.shops["S002"]
    redeemed = there.workstation.redeeming.redeem(code)
    assert redeemed.to_scan == ("红富士苹果",) and there.workstation.ring_up.basket().lines == ()
    there.workstation.ring_up.add_sku("W1", weight_milli=1480)
    paid(there)
    assert there.documents("sale")[-1]["body"]["reservation_ids"] == [reservation_id]


def test_a_copied_slip_at_two_tills_that_hear_nothing_is_ruled_on(tmp_path: Path) -> None:
    chain = Reservations(tmp_path)
    reservation_id, code = asked(chain)
    (tmp_path / "second").mkdir()
    second = Shop(tmp_path / "second", workstation_id="ws-8", store_id="S002")
    try:
        second.workstation.session.sign_on("2001", "246810").result(10)
        second.workstation.shift.open_shift(0).result(10)
        feed(
            second,
            "chain",
            rows_of(
                "workstation_key",
                [["ws-1", "S001", "一店收银台", chain.shops["S001"].journal.public_key(), "active"]],
            ),
        )
        first = chain.shops["S002"]
        first.workstation.redeeming.redeem(code)
        paid(first)
        second.workstation.redeeming.redeem(code)
        paid(second)
        facts = [
            fact
            for shop in (chain.shops["S001"], second, first)
            for document in shop.documents()
            for fact in facts_of(document, document["body"], lean=True)
            if isinstance(fact, ReservationMoved)
        ]
        state = FOLDS["reservation"].refold(facts)
        assert state is not None and state == FOLDS["reservation"].refold(facts[::-1])
        (ruling,) = rulings_of("reservation", reservation_id, state, Terms())
        sold = {shop.workstation_id: f"{shop.documents('sale')[-1]['number']}" for shop in (first, second)}
        named = {*ruling.stands, *ruling.against}
        assert {each.rsplit("/", 2)[0]: each.rsplit("/", 1)[1] for each in named} == sold
        assert ruling.reaches == ("S001", "S002") and ruling.cost_minor == 0
        assert (
            rulings_of("reservation", reservation_id, FOLDS["reservation"].refold(facts[:2]), Terms()) == ()
        )  # type: ignore[arg-type]
    finally:
        second.workstation.close()
        for shop in chain.shops.values():
            shop.workstation.close()
