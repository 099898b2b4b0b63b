"""A neighbour's copy holds a member only under his key, and an erasure reaches it whichever way it comes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from pos_client.journal.member_keys import is_erased
from pos_client.keys.key_store import get_or_make
from pos_client.peers import taking
from sync_server.services.acts import Act
from tests.client.journal.plain_pages import plain_pages
from tests.sync.floor import Floor, Station, running_floor
from tests.sync.test_members import join


@pytest.fixture
def floor(tmp_path: Path) -> Iterator[Floor]:
    with running_floor(tmp_path) as found:
        yield found


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
