"""Workstations of one store share facts while head office is away: each counts once, and goes in time."""

from __future__ import annotations

import base64
import contextlib
import dataclasses
import socket
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import zstandard

from pos_client.journal.draft import Draft
from pos_client.journal.handed_over import keep_handed_over
from pos_client.journal.refused import Refused
from pos_client.peers import taking
from pos_client.peers.day import told_day
from pos_client.peers.taking import NotItsOwn
from pos_client.replica import store_day
from pos_client.replica.series_points import all_folded
from pos_client.sync.errors import PeerAway, PeerRefused, RevokedHere
from pos_client.sync.peers.desk import Peer
from pos_client.sync.peers.link import Link
from pos_core.sync.peer_messages import UNPACKED_BYTES_MAX, PeerAnswer
from tests.fakes.facts import coupon, points, sale
from tests.sync.floor import Floor, Station, running_floor

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
