"""Workstations of one store share facts while head office is away: each counts once, and goes in time."""

from __future__ import annotations

import base64
import contextlib
import dataclasses
import random
import shutil
import socket
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import zstandard

from pos_client.journal import baskets, passing
from pos_client.journal.baskets import HeldBasket
from pos_client.journal.draft import Draft
from pos_client.journal.handed_over import keep_handed_over
from pos_client.journal.member_keys import is_erased
from pos_client.journal.passing import NotOnHold, outgoing
from pos_client.journal.refused import Refused
from pos_client.journal.verify import verify_journal
from pos_client.keys.key_store import get_or_make
from pos_client.peers import taking
from pos_client.peers.day import told_day
from pos_client.peers.store import open_peers
from pos_client.peers.taking import NotItsOwn
from pos_client.replica import store_day
from pos_client.replica.series_points import all_folded
from pos_client.services.own_state import basket_bytes
from pos_client.sync.errors import PeerAway, PeerRefused, RevokedHere
from pos_client.sync.peers.desk import Peer
from pos_client.sync.peers.link import Link
from pos_core.sale.basket import Basket
from pos_core.sync.folds import FOLDS, Fact, State, facts_of, folds_of
from pos_core.sync.folds.coupon_use import live_uses
from pos_core.sync.folds.extract_trade import coupon_key
from pos_core.sync.folds.facts import Counted, StockMoved
from pos_core.sync.folds.points import balance
from pos_core.sync.folds.stock import on_hand
from pos_core.sync.peer_messages import UNPACKED_BYTES_MAX, PassedOn, PeerAnswer
from sync_server.services.acts import Act
from sync_server.store import quarantine
from tests.client.journal.plain_pages import plain_pages
from tests.fakes.facts import count, coupon, points, sale
from tests.sync.floor import DAY, Floor, Station, running_floor
from tests.sync.test_members import join
from tests.sync.world import Till

COLA = "1001"


@pytest.fixture
def floor(tmp_path: Path) -> Iterator[Floor]:
    with running_floor(tmp_path) as found:
        yield found


def test_a_sale_next_door_counts_here_at_once_without_head_office(floor: Floor) -> None:
    a, b, c = floor.stations
    before = len(b.documents()), b.till.journal.head()
    a.record("sale", sale(quantity_milli=3000, points=(points("m1", 9),), coupons=(coupon("C1"),)))
    assert b.ask(a) >= 1
    assert b.shared.on_hand(COLA).on_hand_milli == -3000
    assert b.shared.on_hand_of([COLA]) == {COLA: -3000}
    assert [view.sku for view in b.shared.below_zero()] == [COLA]
    assert b.shared.points_of("m1") == a.shared.points_of("m1")
    key = coupon("C1")
    assert b.shared.coupon_state(key["campaign_id"], key["coupon_code"]).state == "used"
    assert c.shared.on_hand(COLA).on_hand_milli == 0  # it did not ask
    assert (len(b.documents()), b.till.journal.head()) == before  # never in our own series


def test_it_counts_once_when_head_office_has_it_too_and_is_let_go(floor: Floor) -> None:
    a, b, _ = floor.stations
    a.record("sale", sale(quantity_milli=2000))
    b.ask(a)
    floor.exchange(a)
    floor.exchange(b)
    assert b.shared.on_hand(COLA).on_hand_milli == -2000
    held = b.store.read(lambda c: taking.held_of(c, (a.id, 1)))
    assert held is not None
    b.desk.tidy()
    assert b.store.read(lambda c: taking.held_of(c, (a.id, 1))) == held  # one look later
    b.desk.tidy()
    left = b.store.read(lambda c: taking.held_of(c, (a.id, 1)))
    assert left is not None and left.first == left.last == held.last
    a.record("sale", sale(quantity_milli=500))
    assert b.ask(a) == 1 and b.shared.on_hand(COLA).on_hand_milli == -2500


def test_what_head_office_folded_stays_here_until_its_figures_of_the_day_hold_it(floor: Floor) -> None:
    """Else a sale is in neither: no longer told by the neighbour, not yet in the day that comes down."""
    a, b, _ = floor.stations
    day = datetime.fromtimestamp(floor.world.clock.now_ms() / 1000, UTC).date().isoformat()

    def sell() -> int:
        a.till.journal.record([Draft("sale", sale(), day)]).result()
        b.ask(a)
        floor.exchange(a)
        return a.till.journal.head().number

    def in_the_day() -> int:
        said = b.till.replica.read(lambda c: store_day.day_of(c, day))
        upto = {name: part.upto for name, part in (said.workstations if said else {}).items()}
        known = 0 if said is None else said.workstations[a.id].total_minor
        told = b.store.read(lambda c: told_day(c, day, upto, lambda at_ms: 0))
        return known + sum(told[a.id].hours.values())

    sell()
    floor.world.office.store_days.refresh()
    number = sell()
    floor.exchange(b)
    assert b.till.replica.read(all_folded)[a.id, 1] == number
    for _ in range(2):
        b.desk.tidy()
    assert in_the_day() == 700
    floor.world.clock.advance(60_000)
    floor.world.office.store_days.refresh()
    floor.exchange(b)
    for _ in range(2):
        b.desk.tidy()
    held = b.store.read(lambda c: taking.held_of(c, (a.id, 1)))
    assert held is not None and held.first == held.last == number
    assert in_the_day() == 700


def test_a_side_of_a_fork_that_head_office_keeps_aside_does_not_count_here(floor: Floor) -> None:
    a, b, c = floor.stations
    a.record("sale", sale(quantity_milli=2000))
    b.ask(a)
    last = a.till.journal.head().number
    a.till.journal.open_new_incarnation("forked", incarnation=2).result()
    a.till.journal.change(lambda conn: keep_handed_over(conn, 1, last)).result()
    a.record("sale", sale(quantity_milli=500))
    for each in (b, c, b):
        each.ask(a)
        assert each.shared.on_hand(COLA).on_hand_milli == -500 == a.shared.on_hand(COLA).on_hand_milli


def test_each_keeps_the_other_s_head_with_its_signature(floor: Floor) -> None:
    a, b, _ = floor.stations
    a.record("sale", sale())
    b.ask(a)
    a.record("sale", sale())
    for _ in range(3):  # asking tells the head too, once it has said that it holds the one that is kept
        a.ask(b)
    known = b.store.read(lambda c: taking.head_of(c, (a.id, 1)))
    head = a.till.journal.head()
    assert known is not None and (known.incarnation, known.number, known.hash) == (1, head.number, head.hash)
    assert a.heard[-1].witnessed == known


def test_what_a_peer_did_not_sign_or_chain_is_not_kept(floor: Floor) -> None:
    a, b, c = floor.stations
    for _ in range(3):
        a.record("sale", sale())
    peer = Peer(a.id, base64.b64decode(a.till.journal.public_key()))
    answer = a.desk.answer(Peer(b.id, b""), b.desk.question(a.id).__class__(version=1))
    (batch,) = answer.batches
    wrong = [
        dataclasses.replace(batch, documents=[batch.documents[0], *batch.documents[2:]]),
        dataclasses.replace(batch, documents=[each.replace("350", "351") for each in batch.documents]),
        dataclasses.replace(batch, documents=batch.documents[:-1]),  # signed for another end
        dataclasses.replace(batch, documents=["{"]),
        dataclasses.replace(batch, documents=[]),
        dataclasses.replace(batch, signature=""),
    ]
    for each in wrong:
        with pytest.raises(NotItsOwn):
            b.desk.take(peer, dataclasses.replace(answer, head=None, batches=[each]))
    with pytest.raises(NotItsOwn):  # good, but another's
        b.desk.take(Peer(c.id, base64.b64decode(c.till.journal.public_key())), answer)
    assert b.store.read(lambda conn: taking.held_of(conn, (a.id, 1))) is None
    assert b.desk.take(peer, answer) == len(batch.documents)


def test_a_workstation_revoked_since_is_not_spoken_to_any_more(floor: Floor) -> None:
    a, b, _ = floor.stations
    b.ask(a)
    floor.world.office.workstations.revoke(a.id)
    floor.exchange(b)
    with pytest.raises(PeerRefused, match="revoked"):
        b.ask(a)
    with pytest.raises(PeerAway):  # nor answered, on the connection that stood and on a new one
        a.ask(b)
    a.hang_up()
    with pytest.raises(PeerAway):
        a.ask(b)


def test_rubbish_at_the_door_disturbs_nobody(floor: Floor) -> None:
    a, b, _ = floor.stations
    address = ("127.0.0.1", a.listener.port)
    plugs = [socket.create_connection(address) for _ in range(6)]  # these say nothing
    for data in (b"GET / HTTP/1.1\r\n\r\n", b"\x16\x03\x01" + b"\xff" * 900, b"\x00" * 70_000):
        with socket.create_connection(address) as plug, contextlib.suppress(OSError):
            plug.sendall(data)
            plug.recv(1)
    assert b.ask(a) == 0  # head office had told it all
    context = b.gate.context(listening=False)
    assert context is not None
    for frame in (b"\xff\xff\xff\xff", b"\x00\x00\x00\x00", b"\x00\x00\x00\x03abc"):
        link = Link.call(address, context)
        link._plug.sendall(frame)
        with pytest.raises(PeerAway):
            link.receive(PeerAnswer)
    bomb = zstandard.ZstdCompressor().compress(b"[" * (UNPACKED_BYTES_MAX + 1))
    link = Link.call(address, context)
    link._plug.sendall(len(bomb).to_bytes(4, "big") + bomb)
    with pytest.raises(PeerAway):
        link.receive(PeerAnswer)
    a.record("sale", sale())
    assert b.ask(a) == 1
    for plug in plugs:
        plug.close()


def test_a_revoked_workstation_loses_what_others_told_it(floor: Floor) -> None:
    a, b, _ = floor.stations
    a.record("sale", sale())
    b.ask(a)
    floor.world.office.workstations.revoke(b.id)
    with pytest.raises(RevokedHere):
        b.till.client.exchange()
    assert b.till.keys.get("peers_key") is None


def test_another_store_s_workstation_is_turned_away(floor: Floor) -> None:
    stranger = Station.at(floor.world.till("x", store_id="S002"))
    try:
        stranger.till.client.exchange()
        with pytest.raises(PeerRefused, match="other_store"):
            stranger.ask(floor.stations[0])
        with pytest.raises(PeerRefused, match="other_store"):
            floor.stations[0].ask(stranger)
    finally:
        stranger.close()


def test_the_file_is_made_anew_when_it_cannot_be_read(floor: Floor) -> None:
    a, b, _ = floor.stations
    a.record("sale", sale())
    b.ask(a)
    b.close()
    b.peer_file().write_bytes(b"\x00" * 9000)
    b.power_cut()
    assert b.shared.on_hand(COLA).on_hand_milli == 0
    b.ask(a)
    assert b.shared.on_hand(COLA).on_hand_milli == -1000


def test_what_was_heard_survives_a_restart(floor: Floor) -> None:
    a, b, _ = floor.stations
    a.record("sale", sale())
    b.ask(a)
    b.power_cut()
    assert b.shared.on_hand(COLA).on_hand_milli == -1000


# Members ------------------------------------------------------------------------------------------------


def _traces(station: Station) -> dict[str, bytes]:
    row = station.till.journal.read(
        lambda c: c.execute("SELECT key FROM member_key WHERE member_id = 'm-1'").fetchone()
    )
    return {"key": bytes(row[0]), "name": "王小明".encode(), "masked": b"138****8000"}


def _found(station: Station, traces: dict[str, bytes]) -> list[str]:
    pages = plain_pages(station.peer_file(), get_or_make(station.till.keys, "peers_key"))
    return [name for name, trace in traces.items() if trace in pages]


def test_a_peer_s_copy_holds_a_member_only_under_his_key_and_erasure_reaches_it(floor: Floor) -> None:
    a, b, _ = floor.stations
    join(a.till, "m-1")
    traces = _traces(a)
    b.ask(a)
    assert b.store.read(taking.held_members) == ["m-1"]
    assert _found(b, traces) == ["key"]
    floor.exchange(a)
    floor.world.office.erasures.erase(Act("command line", "asked for it"), "m-1")
    floor.exchange(a)  # b has no contact; a tells it
    b.ask(a)
    assert b.till.journal.read(lambda c: is_erased(c, "m-1"))
    assert b.store.read(taking.held_members) == [] and _found(b, traces) == []


def test_head_office_s_own_order_reaches_the_copy_too(floor: Floor) -> None:
    a, b, _ = floor.stations
    join(a.till, "m-1")
    traces = _traces(a)
    b.ask(a)
    floor.exchange(a)
    floor.world.office.erasures.erase(Act("command line", "asked for it"), "m-1")
    floor.exchange(b)
    assert _found(b, traces) == []
    b.power_cut()
    assert _found(b, traces) == []


def test_who_was_told_first_tells_the_one_where_the_member_joined(floor: Floor) -> None:
    a, b, _ = floor.stations
    join(a.till, "m-1")
    floor.exchange(a)
    floor.world.office.erasures.erase(Act("command line", "asked for it"), "m-1")
    b.till.client._exchange._eraser.run(keep_going=lambda: None)  # the exchange is cut after its first step
    b.ask(a)
    assert b.store.read(taking.held_members) == []  # the key is not even kept
    b.ask(a)
    assert a.till.journal.read(lambda c: is_erased(c, "m-1"))


# Every order --------------------------------------------------------------------------------------------


class _Day:
    """A seeded day of three workstations; after each step everybody sees what he must have heard of."""

    def __init__(self, floor: Floor, dice: random.Random) -> None:
        self.floor = floor
        self.dice = dice
        self.wan = True
        self.untold = 0
        self.cut: set[frozenset[int]] = set()
        self.heard: list[dict[tuple[str, int, int], dict[str, Any]]] = [{} for _ in floor.stations]

    def run(self, steps: int) -> None:
        for _ in range(steps):
            self.floor.world.clock.advance(self.dice.randrange(1, 5_000))
            self.step()
            for place in range(len(self.floor.stations)):
                self.check(place)

    def step(self) -> None:
        dice, stations = self.dice, self.floor.stations
        place = dice.randrange(len(stations))
        match dice.randrange(12):
            case 0 | 1 | 2 | 3:
                stations[place].record(*self.document())
            case 4 | 5 | 6:
                other = dice.randrange(len(stations))
                if other != place and frozenset((place, other)) not in self.cut:
                    stations[place].ask(stations[other])
                    for each in stations[other].documents():
                        self.heard[place][each["workstation_id"], each["incarnation"], each["number"]] = each
            case 7 | 8:
                if self.wan:
                    self.floor.exchange(stations[place])
            case 9:
                self.wan = not self.wan
            case 10:
                pair = frozenset(dice.sample(range(len(stations)), 2))
                self.cut ^= {pair}
            case _:
                stations[place].desk.tidy()
                if dice.randrange(3) == 0:
                    stations[place].power_cut()

    def document(self) -> tuple[str, dict[str, Any]]:
        dice = self.dice
        match dice.randrange(4):
            case 0:
                return "count", count(dice.randrange(50) * 1000)
            case 1:
                return "sale", sale(coupons=(coupon(f"C{dice.randrange(3)}"),))
            case 2:
                return "sale", sale(points=(points("m1", dice.randrange(-40, 90)),))
            case _:
                return "sale", sale(quantity_milli=1000 * dice.randrange(1, 5))

    def check(self, place: int) -> None:
        """What is shown is the fold of what head office told, our own, and what peers said: each once."""
        station = self.floor.stations[place]
        points_of = station.till.replica.read(all_folded)
        known = dict(self.heard[place])
        for each in self.floor.stations:
            for document in each.documents():
                key = (document["workstation_id"], document["incarnation"], document["number"])
                if each is station or document["number"] <= points_of.get(key[:2], 0):
                    known[key] = document
        facts = _facts(known)
        there = _facts({key: each for key, each in known.items() if key[2] <= points_of.get(key[:2], 0)})
        late = [fact for fact in facts if fact not in there]
        self.check_stock(station, there, late)
        assert station.shared.points_of("m1") == self._at_head_office(station) + balance(
            _state("points", "m1", late)
        )
        for each in (coupon(f"C{number}") for number in range(3)):
            key = coupon_key({**each, "member_id": None})
            assert key is not None
            shown = station.shared.coupon_state(each["campaign_id"], each["coupon_code"])
            assert shown.own_uses == len(live_uses(_state("coupon_use", key, late)))

    def check_stock(self, station: Station, there: list[Fact], late: list[Fact]) -> None:
        """A count heard late may be older than what head office folded after it: nobody here can tell how

        much of its figure came after, so it stands as it was counted until head office has folded it.
        """
        counts = [fact.stamp.hlc for fact in late if isinstance(fact, Counted)]
        if any(fact.stamp.hlc > each for each in counts for fact in there if isinstance(fact, StockMoved)):
            self.untold += 1
            return
        stock = _state("stock", f"S001/{COLA}", [*there, *late])
        assert station.shared.on_hand(COLA).on_hand_milli == (0 if stock is None else on_hand(stock))

    def _at_head_office(self, station: Station) -> int:
        row = station.till.replica.read(
            lambda c: c.execute("SELECT points_balance FROM member WHERE member_id = 'm1'").fetchone()
        )
        return 0 if row is None else int(row[0])


def _facts(documents: dict[tuple[str, int, int], dict[str, Any]]) -> list[Fact]:
    return [f for _, each in sorted(documents.items()) for f in facts_of(each, each["body"], lean=True)]


def _state(name: str, key: str, facts: list[Fact]) -> State | None:
    own = [fact for fact in facts for fold, k in folds_of(fact) if (fold.name, k) == (name, key)]
    return FOLDS[name].refold(own)


@pytest.mark.parametrize("seed", range(6))
def test_in_every_order_of_cuts_each_fact_counts_once(floor: Floor, seed: int) -> None:
    day = _Day(floor, random.Random(seed))
    day.run(60)
    day.wan, day.cut = True, set()
    for _ in range(2):  # everything mended: all three agree with head office, and nobody counts twice
        floor.exchange()
    shown = {(s.shared.on_hand(COLA).on_hand_milli, s.shared.points_of("m1")) for s in floor.stations}
    assert len(shown) == 1
    assert all(floor.world.has_all_of(station.till) for station in floor.stations)


# Held baskets -------------------------------------------------------------------------------------------


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


# Old images ---------------------------------------------------------------------------------------------


def _image(station: Station, folder: Path) -> None:
    """A copy of the whole machine, switched off."""
    station.close()
    station.till.close()
    shutil.copytree(station.till.folder, folder)


def _put_back(station: Station, folder: Path) -> None:
    """The machine as it was when the image was taken."""
    station.close()
    station.till.close()
    shutil.rmtree(station.till.folder)
    shutil.copytree(folder, station.till.folder)
    _on(station)


def _on(station: Station) -> None:
    station.till = Till.open(station.till.folder, station.till.clock)
    store = open_peers(station.till.folder, station.till.keys, None)
    assert store is not None
    station.store = store
    station.plug_in()


@pytest.mark.parametrize("sold_since", [0, 2])
def test_a_machine_put_back_hears_it_from_its_neighbour_and_uses_no_number_twice(
    floor: Floor, tmp_path: Path, sold_since: int
) -> None:
    a, b, _ = floor.stations
    a.record("sale", sale())
    _image(a, tmp_path / "image")
    _on(a)
    for _ in range(3):
        a.record("sale", sale(quantity_milli=2000))
    b.ask(a)
    lost = [each["document_id"] for each in a.documents()][-3:]
    head = a.till.journal.head()
    healed: list[int] = []
    _put_back(a, tmp_path / "image")
    a.desk.on_healed = lambda: healed.append(1)
    for _ in range(sold_since):
        a.record("sale", sale())
    a.ask(b)
    assert a.till.journal.series.incarnation == 2 and healed == [1]
    kept = [each["document_id"] for each in a.documents()]
    if sold_since == 0:  # all of it is back, in its place
        assert set(lost) <= set(kept)
        assert a.till.journal.hash_at(head.number, incarnation=1) == head.hash
    else:  # it had gone on under doubtful numbers: head office keeps both sides
        assert not set(lost) & set(kept)
    a.ask(b)
    assert a.till.journal.series.incarnation == 2  # once is enough
    b.ask(a)
    floor.exchange(a)
    report = verify_journal(
        a.till.folder / "journal.db", get_or_make(a.till.keys, "journal_key"), witness_path=None
    )
    assert list(report.findings) == []


def test_a_neighbour_cannot_make_a_machine_begin_anew(floor: Floor) -> None:
    """What it says of our head must carry our own signature."""
    a, b, _ = floor.stations
    b.ask(a)
    known = b.store.read(lambda c: taking.head_of(c, (a.id, 1)))
    assert known is not None
    forged = dataclasses.replace(known, number=known.number + 5, hash="ab" * 32)
    assert not a.desk.healing.heal(forged, PeerAnswer(version=1, newest_incarnation=7))
    assert a.till.journal.series.incarnation == 1
    assert not a.desk.healing.heal(known, PeerAnswer(version=1))


def test_a_return_next_door_of_a_sale_made_here_is_heard_of(floor: Floor) -> None:
    a, b, _ = floor.stations
    a.record("sale", sale(quantity_milli=2000))
    number = a.till.journal.head().number
    origin = {"workstation_id": a.id, "incarnation": 1, "number": number}
    back = sale(origin=origin)
    back["lines"][0]["origin_line_no"] = 1
    b.record("return", back)
    assert a.shared.returns_by_others() == {}
    a.ask(b)
    ((place, data),) = a.shared.returns_by_others()[1, number]
    assert place == (b.id, 1, b.till.journal.head().number)
    assert [line["quantity_milli"] for line in data["lines"]] == [1000]


def test_a_certificate_that_is_refused_is_told_to_head_office(floor: Floor) -> None:
    a, b, _ = floor.stations
    refused = Refused(a.till.journal, a.till.clock.now_ms)
    a.gate._note = refused.note
    floor.world.office.workstations.revoke(b.id)
    floor.exchange(a)
    for _ in range(3):  # it tries again and again: the very same thing counts once an hour
        with pytest.raises(PeerRefused, match="revoked"):
            a.ask(b)
    floor.world.clock.advance(3_600_000)
    with pytest.raises(PeerRefused, match="revoked"):
        a.ask(b)
    floor.exchange(a)
    rows = {row["workstation_id"]: row for row in floor.world.office.fleet_state.report()["workstations"]}
    (one,) = rows[a.id]["refusals"]
    assert (one["kind"], one["code"], one["subject"], one["count"]) == ("certificate", "revoked", b.id, 2)
    assert one["last_at_ms"] - one["first_at_ms"] == 3_600_000
    assert "refused" in rows[a.id]["needs"] and rows[b.id]["refusals"] == []


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


def test_a_program_too_old_is_told_of_erasures_and_nothing_else(floor: Floor) -> None:
    a, b, _ = floor.stations
    a.record("sale", sale())
    old = dataclasses.replace(b.desk.question(a.id), version=0)
    answer = a.desk.answer(Peer(b.id, base64.b64decode(b.till.journal.public_key())), old)
    assert answer.refused == "upgrade_required" and answer.head is None and not answer.batches
    peer = Peer(a.id, base64.b64decode(a.till.journal.public_key()))
    with pytest.raises(PeerRefused):
        b.desk.take(peer, answer)
    newer = dataclasses.replace(b.desk.question(a.id), version=9)
    answer = a.desk.answer(Peer(b.id, base64.b64decode(b.till.journal.public_key())), newer)
    assert answer.version == 1 and b.desk.take(peer, answer) == 1
