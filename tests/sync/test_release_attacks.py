"""A hostile head office, a real workstation: each attack has its code, nothing changes, the shop goes on."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from pos_client.bootstrap import Options, open_workstation
from pos_client.storage.places import Places
from pos_client.sync import wire
from pos_client.sync.root_follow import FILE_NAME
from pos_core.sync.trust_root import SignedRoot
from sync_server.services.pricing_keys import held, make_next
from sync_server.store import masters, trust_root, workstation
from sync_server.store.masters import PriceRow
from tests.server.support.series import START_MS
from tests.sync.release_attacks import MORE, TEN, Attacker
from tests.sync.roots import Ceremony
from tests.sync.world import Till, World

TABLES = ("release_state", "release_file", "price")


@pytest.fixture
def attacker(world: World) -> Attacker:
    """Two releases, the second in force; the key that signed the first was taken out by root 2."""
    world.stock_shelves(3)
    ceremony = Ceremony(world, holders=(1, 2, 3), threshold=2)
    ceremony.adopt(by=(1, 2))
    world.publish([["PL1", "A1", START_MS, None, 500]], kind="base", effective_from_ms=START_MS)
    stolen = next(iter(held(world.office.folder).values()))
    make_next(world.office.folder)
    ceremony.rotate(by=(1, 3))
    world.publish([["PL1", "A1", START_MS, None, 600]], kind="base", effective_from_ms=START_MS)
    return Attacker(world, stolen)


def on_disk(till: Till) -> str:
    """One hash over everything that a release may change."""
    rows = [
        till.replica.read(lambda c, t=table: c.execute(f"SELECT * FROM {t}").fetchall()) for table in TABLES
    ]  # type: ignore[misc]
    kept = (till.folder / FILE_NAME).read_bytes() if (till.folder / FILE_NAME).exists() else b""
    return hashlib.sha256(json.dumps(rows, default=repr).encode() + kept).hexdigest()


def price(till: Till) -> int | None:
    instant = till.clock.now_ms()
    active = till.replica.active_release(instant)
    assert active is not None and active.version == 2
    found = till.replica.price_at("A1", release_version=2, instant_ms=instant, price_list_id="PL1")
    return None if found is None else found.price_minor


@pytest.mark.parametrize(
    "name,code,attack", [*TEN, *MORE], ids=[row[0].replace(" ", "-") for row in [*TEN, *MORE]]
)
def test_an_attack_is_refused_and_the_shop_goes_on(
    name: str,
    code: str,
    attack: Callable[[Attacker], None],
    attacker: Attacker,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    till = attacker.world.till()
    till.client.exchange()
    before = on_disk(till)
    attack(attacker)
    if code == "release_file_slow":
        monkeypatch.setattr(wire, "TRICKLE_AFTER_S", 0.0)
        monkeypatch.setattr(wire, "TRICKLE_BYTES_A_SECOND", 1 << 60)
    for _ in range(2):  # the second time too, and the exchange is whole each time
        report = till.client.exchange()
        assert report.staged == []
        assert [found for _, found in till.replica.refused_releases()] == [code], name
        assert on_disk(till) == before
    _told(attacker.world, till, "release", code)
    assert price(till) == 600
    till.sell()
    till.client.exchange()
    assert attacker.world.has_all_of(till)
    till.close()
    again = Till.open(till.folder, till.clock, url=attacker.world.url)
    attacker.world.tills.append(again)
    assert price(again) == 600 and on_disk(again) == before


def _told(world: World, till: Till, kind: str, code: str) -> None:
    """Head office has it, counted once, dated, and says that somebody should look."""
    report = world.office.fleet_state.report()
    (row,) = [each for each in report["workstations"] if each["name"] == till.identity.workstation_name]
    (one,) = [each for each in row["refusals"] if each["kind"] == kind]
    assert (one["code"], one["count"]) == (code, 1)
    assert 0 < one["first_at_ms"] == one["last_at_ms"] <= world.clock.now_ms()
    assert "refused" in row["needs"]


def test_ten_attacks_have_ten_codes() -> None:
    assert len({code for _, code, _ in TEN}) == len(TEN) == 10
    assert not {code for _, code, _ in TEN} & {code for _, code, _ in MORE}


def test_what_was_refused_is_forgotten_when_an_honest_release_follows(attacker: Attacker) -> None:
    world = attacker.world
    till = world.till()
    till.client.exchange()
    attacker.offer(attacker.stolen)
    till.client.exchange()
    assert till.replica.refused_releases() == [(3, "release_key_withdrawn")]
    world.publish([["PL1", "A1", START_MS, None, 700]], kind="base", effective_from_ms=START_MS)
    assert till.client.exchange().staged == [3] and till.replica.refused_releases() == []


def test_a_trickle_is_told_from_a_slow_line() -> None:
    wire.refuse_a_trickle(0, 19.0)
    wire.refuse_a_trickle(60 * 1024, 60.0)
    with pytest.raises(wire.TooSlow):
        wire.refuse_a_trickle(59 * 1024, 60.0)


def test_a_file_that_the_server_cuts_is_no_attack(attacker: Attacker, tmp_path: Path) -> None:
    """Fewer bytes than announced end in a length that is refused, and heal by the next exchange."""
    till = attacker.world.till()
    till.client.exchange()
    attacker.behind_the_name(lambda data: data[:-20])
    assert till.client.exchange().staged == []
    assert till.replica.refused_releases() == [(3, "release_file_length")]


def test_a_thief_who_went_ahead_is_overtaken(attacker: Attacker) -> None:
    """His release was taken, as head office's would be; the next one of head office is above it."""
    world = attacker.world
    till = world.till()
    till.client.exchange()
    attacker.offer(attacker.present(), version=50_000, prices=[["PL1", "A1", START_MS, None, 1]])
    assert till.client.exchange().staged == [50_000]
    world.office.store.write(lambda txn: masters.put_prices(txn, [PriceRow("PL1", "A1", 1, None, 800)]))
    made = world.office.publisher.publish()
    assert (made.release.version, made.kind) == (50_002, "base")
    assert till.client.exchange().staged == [50_002]
    found = till.replica.price_at(
        "A1", release_version=50_002, instant_ms=world.clock.now_ms(), price_list_id="PL1"
    )
    assert found is not None and found.price_minor == 800
    assert world.office.publisher.publish(base=True).release.version == 50_003


def test_a_workstation_that_reports_nonsense_is_not_believed(attacker: Attacker) -> None:
    world = attacker.world
    till = world.till()
    till.client.exchange()
    lie = (till.identity.workstation_id, START_MS, "0.1.0", 2**52, "[4503599627370496]", 0, "{}", 0, None)
    world.office.store.write(lambda txn: workstation.put_status(txn, lie))
    assert world.office.store.read(world.office.releases.next_version) == 3


def test_the_status_says_what_is_refused(attacker: Attacker) -> None:
    """Of the program itself, over the files of a till that has met a thief and a usurper."""
    world = attacker.world
    till = world.till()
    till.client.exchange()
    attacker.offer(attacker.stolen)
    world.office.store.write(lambda txn: trust_root.add(txn, 3, SignedRoot("{}")))
    till.client.exchange()
    till.close()
    world.tills.remove(till)
    places = Places(till.folder, till.folder / "elsewhere" / "witness", till.folder / "keys")
    workstation = open_workstation(Options(places, printer="none", timers=False), clock=till.clock)
    try:
        told = {notice.code: notice.facts for notice in workstation.status.view().notices}
    finally:
        workstation.close()
    assert told["release_not_taken"] == {"version": 3, "code": "release_key_withdrawn"}
    assert "root_not_taken" in told and "no_release_yet" not in told
