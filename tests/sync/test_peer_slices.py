"""A till short of points or stored value takes a part of a neighbour's slice: one holder at a time."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pos_client.journal import slice_passing
from pos_client.journal.allowance_book import AllowanceBook
from pos_client.journal.baskets import drop_basket, save_basket
from pos_client.journal.draft import Draft
from pos_client.sync.errors import PeerAway
from pos_client.sync.peers.link import Link
from pos_core.sync.allowance import AllowanceRefused
from pos_core.sync.peer_messages import PeerAnswer
from sync_server.store import quarantine, ruling
from tests.fakes.facts import points, sale
from tests.sync.floor import DAY, Floor, Station, running_floor

HOUR_MS = 3_600_000
POLICY = {"points": {"*": 100, "gold": 1000}, "stored_value_minor": 5000, "term_hours": 72}
GOLD = "points/gold"


@pytest.fixture
def floor(tmp_path: Path) -> Iterator[Floor]:
    with running_floor(tmp_path) as found:
        found.world.put("policy", [["allowances", json.dumps(POLICY)]])
        found.exchange()
        found.exchange()
        yield found


def book(station: Station) -> AllowanceBook:
    return AllowanceBook(station.till.journal, station.till.clock)


def left(station: Station, purpose: str = GOLD) -> int:
    return book(station).left_of(purpose)


def own(station: Station) -> str:
    return f"points/{book(station).series}/gold"


def redeem(station: Station, units: int) -> None:
    """A sale's points over every slice, the own first, as the checkout writes them."""
    moves = []
    for allowance_id, there in book(station).for_purpose(GOLD):
        part = min(there, units)
        if part:
            moves.append(points("M1", -part, authority="allowance", allowance_id=allowance_id))
            units -= part
    assert not units
    body = sale(member_id="M1", points=tuple(moves))
    station.till.journal.record(
        [Draft("sale", body, DAY)], also=lambda c: book(station).charge(c, body)
    ).result()


def out(floor: Floor) -> dict[str, int]:
    return {each.allowance_id: each.out for each in floor.world.office.allowances.published().outstanding}


def ruled(floor: Floor) -> list[str]:
    standing = [row.ruling for row in floor.world.office.store.read(ruling.listing)]
    return [each.cause for each in standing if each.rule == "allowance_cloned"]


def test_a_neighbour_gives_half_of_its_slice_and_only_the_taker_uses_it(floor: Floor) -> None:
    a, b, c = floor.stations
    assert (left(a), left(b), left(c)) == (1000, 1000, 1000)
    b.ask(a, short={GOLD: 700})
    assert (left(a), left(b)) == (500, 1500)
    b.ask(c, short={GOLD: 200})
    assert (left(c), left(b)) == (800, 1700)
    assert left(b, "points/*") == left(a, "points/*") == 500  # what was not asked for stays
    body = sale(member_id="M1", points=(points("M1", -501, authority="allowance", allowance_id=own(a)),))
    with pytest.raises(AllowanceRefused):  # the giver cannot use what it let go of
        a.till.journal.record(
            [Draft("sale", body, DAY)], also=lambda conn: book(a).charge(conn, body)
        ).result()
    redeem(b, 1700)
    assert left(b) == 0
    b.ask(a)
    b.ask(c)  # says that it has them
    for giver in (a, c):
        assert giver.till.journal.read(lambda conn: slice_passing.outgoing(conn, b.id)) == []
    floor.exchange(b)  # its sale is told before the givers' hand-overs
    floor.exchange(a)
    floor.exchange(c)
    floor.exchange()
    assert floor.world.office.store.read(quarantine.count) == 0
    assert ruled(floor) == []
    assert (left(a), left(b), left(c)) == (500, 1000, 800)  # half of it is enough to go on with
    found = out(floor)
    assert [found[own(each)] for each in (a, b, c)] == [500, 1000, 800]
    redeem(a, 1)
    floor.exchange(a)
    assert left(a) == out(floor)[own(a)] == 1000


def test_what_was_not_needed_goes_back_at_contact_but_not_from_under_a_basket(floor: Floor) -> None:
    a, b, _ = floor.stations
    b.ask(a, short={GOLD: 300})
    assert (left(a), left(b)) == (700, 1300)
    b.till.journal.change(lambda conn: save_basket(conn, b"{}", 1)).result()
    floor.exchange(b)
    assert left(b) == 1300
    b.till.journal.change(drop_basket).result()
    floor.exchange(b)
    floor.exchange(b)
    assert left(b) == 1000
    assert out(floor)[own(a)] == 700
    redeem(a, 300)  # a renewal is due, and brings what came back
    floor.exchange(a)
    assert left(a) == 1000
    b.ask(a, short={GOLD: 300})  # the same allowance once more, after its part was given back
    assert (left(a), left(b)) == (700, 1300)
    redeem(b, 1300)
    floor.exchange()
    floor.exchange()
    assert ruled(floor) == []


@pytest.mark.parametrize("cut", ["answer", "written"])
def test_a_hand_over_that_is_cut_strands_and_never_doubles(
    floor: Floor, cut: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    a, b, _ = floor.stations
    b.ask(a)
    with monkeypatch.context() as patch:

        def away(*_: object) -> None:
            raise PeerAway("the cable was pulled")

        def lost(link: Link, kind: Any) -> Any:
            found = receive(link, kind)
            return away() if kind is PeerAnswer else found

        receive = Link.receive
        if cut == "answer":
            patch.setattr(Link, "receive", lost)
        else:
            patch.setattr(b.desk.passing, "take_slices", away)
        with pytest.raises(PeerAway):
            b.ask(a, short={GOLD: 400})
    assert (left(a), left(b)) == (600, 1000)
    a.power_cut()
    b.power_cut()
    floor.exchange(a)  # head office still counts all of it as out
    assert out(floor)[own(a)] == 1000
    assert (left(a), left(b)) == (600, 1000)
    b.ask(a)
    assert (left(a), left(b)) == (600, 1400)
    b.power_cut()  # the acknowledgement is lost
    b.ask(a)
    assert left(b) == 1400
    redeem(b, 1400)
    b.ask(a)
    assert left(b) == 0
    floor.exchange()
    floor.exchange()
    assert ruled(floor) == []


def test_its_term_goes_on_where_the_giver_s_clock_was_and_the_rest_is_reported(floor: Floor) -> None:
    a, b, _ = floor.stations
    floor.world.clock.advance(60 * HOUR_MS)
    b.ask(a, short={GOLD: 300})
    floor.world.clock.advance(12 * HOUR_MS + 1)
    assert left(b) == 0
    floor.exchange(b)
    floor.exchange()
    steps = [
        (each["body"]["step"], each["body"]["amount"])
        for each in b.documents()
        if each["type"] == "allowance_reported" and each["body"]["allowance_id"] == own(a)
    ]
    assert steps == [("taken_over", 300), ("expired", 300)]
    assert (left(a), left(b)) == (1000, 1000)
    assert out(floor)[own(a)] == 1000


def test_what_a_workstation_took_and_was_revoked_with_is_owed_to_its_holder_again(floor: Floor) -> None:
    a, b, _ = floor.stations
    b.till.journal.change(lambda conn: save_basket(conn, b"{}", 1)).result()
    b.ask(a, short={GOLD: 300})
    redeem(b, 1100)
    floor.exchange(b)  # head office knows of 200 that b still has
    b.ask(a, short={GOLD: 50})  # and hears of these from a alone
    floor.exchange(a)
    assert out(floor)[own(a)] == 900
    floor.world.office.workstations.revoke(b.id)
    assert out(floor)[own(a)] == left(a) == 650
    redeem(a, 650)
    floor.exchange(a)
    assert left(a) == out(floor)[own(a)] == 1000
    assert ruled(floor) == []


def test_a_hand_over_that_was_copied_into_two_hands_is_ruled_on(floor: Floor) -> None:
    """No program of ours does it: the message is taken from the wire and given to a third till."""
    a, b, c = floor.stations
    b.ask(a, short={GOLD: 500})
    (text,) = [each for answer in b.heard for each in answer.slices]
    moved = json.loads(text)
    moved["to_series"] = book(c).series
    c.desk.passing.take_slices([json.dumps(moved)], a.id)
    assert (left(a), left(b), left(c)) == (500, 1500, 1500)
    for each in (b, c, a):
        redeem(each, left(each))
    floor.exchange()
    floor.exchange()
    assert ruled(floor) == ["allowance_overspent"]
    (found,) = [
        row.ruling
        for row in floor.world.office.store.read(ruling.listing)
        if row.ruling.rule == "allowance_cloned"
    ]
    assert found.points == 500


def test_nonsense_is_given_nothing(floor: Floor) -> None:
    a, b, _ = floor.stations
    wanted = {"": 5, "coupon/x": 3, "points": 9, GOLD: -4, "stored_value": 0, "points/" + "x" * 5000: 1}
    b.ask(a, short=wanted)
    assert (left(a), left(b)) == (1000, 1000)
    b.ask(a, short={GOLD: 2**60})
    assert (left(a), left(b)) == (500, 1500)
