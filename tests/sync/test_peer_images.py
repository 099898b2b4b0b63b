"""A machine put back to an older image hears of it from its neighbours."""

from __future__ import annotations

import dataclasses
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from pos_client.journal.verify import verify_journal
from pos_client.keys.key_store import get_or_make
from pos_client.peers import taking
from pos_client.peers.store import open_peers
from pos_core.sync.peer_messages import PeerAnswer
from tests.fakes.facts import sale
from tests.sync.floor import Floor, Station, running_floor
from tests.sync.world import Till


@pytest.fixture
def floor(tmp_path: Path) -> Iterator[Floor]:
    with running_floor(tmp_path) as found:
        yield found


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
