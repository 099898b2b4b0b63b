"""A basket on hold goes to the workstation that asks for it, and is never in two places."""

from __future__ import annotations

import base64
import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pos_client.journal import baskets, passing
from pos_client.journal.baskets import HeldBasket
from pos_client.journal.draft import Draft
from pos_client.journal.passing import NotOnHold, outgoing
from pos_client.services.own_state import basket_bytes
from pos_client.sync.errors import PeerAway
from pos_client.sync.peers.link import Link
from pos_core.sale.basket import Basket
from pos_core.sync.peer_messages import PassedOn, PeerAnswer
from sync_server.store import quarantine
from tests.sync.floor import DAY, Floor, Station, running_floor


@pytest.fixture
def floor(tmp_path: Path) -> Iterator[Floor]:
    with running_floor(tmp_path) as found:
        yield found


def _hold(station: Station, held_id: str) -> None:
    """What `Holding.hold` writes."""
    basket = Basket(held_id=held_id)
    kept = b'{"total_minor":350,"pieces":1,"nets":{},"basket":' + basket_bytes(basket) + b"}"
    row = HeldBasket(held_id, "可乐", "e1", 1, kept)
    body = {"held_id": held_id, "member_id": None, "subtotal_minor": 0, "lines": []}
    draft = Draft("basket_held", body, DAY)
    station.till.journal.record([draft], also=lambda c: baskets.hold_basket(c, row)).result()


def _held(station: Station) -> list[str]:
    return [each.held_id for each in station.till.journal.read(baskets.held_baskets)]


def _passed(station: Station) -> list[tuple[str, str]]:
    return [
        (each["body"]["step"], each["body"]["held_id"])
        for each in station.documents()
        if each["type"] == "basket_passed"
    ]


def test_a_held_basket_goes_to_the_one_who_asks_and_is_nowhere_else(floor: Floor) -> None:
    a, b, c = floor.stations
    _hold(a, "h1")
    b.ask(a)
    assert [offer.held_id for offer in b.heard[-1].held] == ["h1"]
    b.ask(a, take="h1")
    assert (_held(a), _held(b)) == ([], ["h1"])
    assert (_passed(a), _passed(b)) == ([("handed_over", "h1")], [("taken_over", "h1")])
    c.ask(a, take="h1")
    assert _held(c) == [] and len(_passed(a)) == 1
    b.ask(a)  # says that it has it
    assert a.till.journal.read(lambda conn: outgoing(conn, b.id)) == []
    a.ask(b, take="h1")  # and back again
    assert (_held(a), _held(b)) == (["h1"], [])
    floor.exchange()
    assert all(floor.world.has_all_of(each.till) for each in floor.stations)
    assert floor.world.office.store.read(quarantine.listing) == []


@pytest.mark.parametrize("cut", ["question", "answer", "written"])
def test_a_hand_over_that_is_cut_strands_and_never_doubles(
    floor: Floor, cut: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    a, b, _ = floor.stations
    _hold(a, "h1")
    b.ask(a)
    with monkeypatch.context() as patch:

        def away(*_: object, **__: object) -> None:
            raise PeerAway("the cable was pulled")

        def lost(link: Link, kind: Any) -> Any:
            found = receive(link, kind)
            return away() if kind is PeerAnswer else found

        receive = Link.receive
        if cut == "question":
            patch.setattr(Link, "send", away)
        elif cut == "answer":
            patch.setattr(Link, "receive", lost)
        else:
            patch.setattr(b.desk.passing, "take", away)
        with pytest.raises(PeerAway):
            b.ask(a, take="h1")
    assert sorted(_held(a) + _held(b)) == (["h1"] if cut == "question" else [])
    a.power_cut()
    b.power_cut()
    b.ask(a)
    b.ask(a)
    if cut == "question":
        assert (_held(a), _held(b)) == (["h1"], [])
    else:
        assert (_held(a), _held(b)) == ([], ["h1"]) and len(_passed(b)) == 1


def test_an_acknowledgement_that_is_lost_makes_no_second_basket(floor: Floor) -> None:
    a, b, _ = floor.stations
    _hold(a, "h1")
    b.ask(a, take="h1")
    b.power_cut()  # it forgot that it had still to say so
    b.till.journal.change(lambda c: baskets.take_held_basket(c, "h1")).result()  # recalled meanwhile
    b.ask(a)
    assert _held(b) == [] and len(_passed(b)) == 1
    b.ask(a)
    assert a.till.journal.read(lambda c: outgoing(c, b.id)) == []


def test_rubbish_is_not_put_on_hold(floor: Floor) -> None:
    a, b, _ = floor.stations
    good = PassedOn("t1", "h1", "", None, 1, base64.b64encode(b'{"basket":{}}').decode())
    for each in (good, dataclasses.replace(good, data="!"), dataclasses.replace(good, transfer_id="")):
        b.desk.passing.take([each], a.id)
    assert _held(b) == [] and b.desk.passing.to_acknowledge(a.id) == []


def _take_back(station: Station) -> None:
    """What `Holding.take_back` writes."""
    journal = station.till.journal
    ((passed, other),) = journal.read(passing.on_the_way)
    body = {
        "held_id": passed.basket.held_id,
        "step": "taken_back",
        "other": other,
        "transfer_id": passed.transfer_id,
    }
    draft = Draft("basket_passed", body, DAY)
    journal.record([draft], also=lambda c: passing.take_back(c, passed)).result()


@pytest.mark.parametrize("came", [False, True])
def test_a_stranded_basket_is_taken_back_and_who_has_it_after_all_lets_go(
    floor: Floor, came: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    a, b, _ = floor.stations
    _hold(a, "h1")
    b.ask(a)

    def away(*_: object) -> None:
        raise PeerAway("the cable was pulled")

    with monkeypatch.context() as patch:
        if came:  # the acknowledgement alone is lost
            patch.setattr(b.desk.passing, "to_acknowledge", lambda giver: [])
            b.ask(a, take="h1")
        else:
            patch.setattr(b.desk.passing, "take", away)
            with pytest.raises(PeerAway):
                b.ask(a, take="h1")
    assert (_held(a), _held(b)) == ([], ["h1"] if came else [])
    _take_back(a)
    assert _held(a) == ["h1"]
    a.power_cut()
    b.power_cut()
    b.ask(a)
    b.ask(a)
    assert (_held(a), _held(b)) == (["h1"], [])
    b.ask(a, take="h1")  # and it goes its way like any other
    b.ask(a)
    assert (_held(a), _held(b)) == ([], ["h1"])
    with pytest.raises(NotOnHold):
        passing.drop(b.till.journal, "h1", "another hand-over", a.id).result()
    floor.exchange()
    assert floor.world.office.store.read(quarantine.listing) == []
