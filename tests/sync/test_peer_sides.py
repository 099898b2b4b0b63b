"""What a workstation knows of its neighbours stays true when one goes two ways, and when it lets go of it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from pos_client.peers import taking
from pos_client.peers.store import open_peers
from pos_client.peers.taking import NotItsOwn
from pos_client.sync.peers.desk import COUPONS_KEPT_MS
from tests.fakes.facts import coupon, sale
from tests.sync.floor import Floor, Station, running_floor
from tests.sync.world import Till

COLA = "1001"


@pytest.fixture
def floor(tmp_path: Path) -> Iterator[Floor]:
    with running_floor(tmp_path, 2) as found:
        yield found


def _off(station: Station) -> None:
    station.close()
    station.till.close()


def _on(station: Station) -> None:
    station.till = Till.open(station.till.folder, station.till.clock)
    store = open_peers(station.till.folder, station.till.keys, None)
    assert store is not None
    station.store = store
    station.plug_in()


def _image(station: Station, folder: Path) -> None:
    _off(station)
    shutil.copytree(station.till.folder, folder)
    _on(station)


def _put_back(station: Station, folder: Path) -> None:
    _off(station)
    shutil.rmtree(station.till.folder)
    shutil.copytree(folder, station.till.folder)
    _on(station)


def _on_hand(station: Station) -> int:
    return station.shared.on_hand(COLA).on_hand_milli


@pytest.mark.parametrize(("lost", "sold_since"), [(3, 1), (1, 3), (1, 1)])
def test_the_side_that_a_neighbour_left_does_not_count(
    floor: Floor, tmp_path: Path, lost: int, sold_since: int
) -> None:
    """Its disk was put back, it sold on before it heard of it, and only then began a new series."""
    a, b = floor.stations
    a.record("sale", sale())
    _image(a, tmp_path / "image")
    for _ in range(lost):
        a.record("sale", sale(quantity_milli=2000))
    b.ask(a)
    assert _on_hand(b) == -1000 - 2000 * lost
    _put_back(a, tmp_path / "image")
    for _ in range(sold_since):
        a.record("sale", sale(quantity_milli=500))
    if sold_since > lost:
        with pytest.raises(NotItsOwn):  # one copy at a time, and this one is signed as well
            b.ask(a)
    a.ask(b)
    assert a.till.journal.series.incarnation == 2
    a.record("sale", sale(quantity_milli=700))
    for _ in range(2):
        b.ask(a)
    ours = -1000 - 500 * sold_since - 700
    assert _on_hand(b) == _on_hand(a) == ours
    floor.exchange(a)
    floor.exchange()
    assert _on_hand(b) == _on_hand(a) == ours
    b.desk.tidy()
    b.desk.tidy()
    assert _on_hand(b) == ours


def test_a_coupon_is_used_here_and_next_door_after_head_office_has_folded_it(floor: Floor) -> None:
    """Head office tells of members' coupons; a picture that anybody may show is known where it was seen."""
    a, b = floor.stations
    key = coupon("C1")

    def state(station: Station) -> str:
        return station.shared.coupon_state(key["campaign_id"], key["coupon_code"]).state

    a.record("sale", sale(coupons=(key,)))
    a.record("sale", sale())
    b.ask(a)
    floor.exchange()
    floor.exchange()
    for _ in range(2):
        b.desk.tidy()
    held = b.store.read(lambda c: taking.held_of(c, (a.id, 1)))
    assert held is not None and held.first == held.last  # let go
    assert (state(a), state(b)) == ("used", "used")
    assert len(b.shared.uses_ever(key["campaign_id"], key["coupon_code"])) == 1
    b.power_cut()
    assert state(b) == "used"
    now_ms = floor.world.clock.now_ms()
    b.store.change(lambda c: taking.forget_coupons(c, now_ms - COUPONS_KEPT_MS)).result()
    assert state(b) == "used"
    b.store.change(lambda c: taking.forget_coupons(c, now_ms + 1)).result()
    assert state(b) == "unknown"  # not for ever
