"""Roots from the offline commands to the workstation: first, pricing key replaced, root keys replaced."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pos_client.sync.root_follow import FILE_NAME, REFUSED_SETTING
from pos_core.sync.trust_root import RootRefused, SignedRoot, TrustRoot
from sync_server.services import pricing_keys
from sync_server.services.pricing_keys import NotDelegated, held, make_next
from sync_server.services.verify import Verify
from sync_server.store import feed, release, trust_root
from tests.server.support.series import START_MS
from tests.sync.roots import ACT, Ceremony
from tests.sync.world import Till, World

DAY_MS = 86_400_000


def publish(world: World, minor: int, *, kind: str = "base", in_ms: int = 0) -> int:
    rows = [["PL1", "A1", START_MS, None, minor]]
    return world.publish(rows, kind=kind, effective_from_ms=world.clock.now_ms() + in_ms)


def root_of(till: Till) -> int:
    path = till.folder / FILE_NAME
    text = json.loads(path.read_bytes())["document"] if path.exists() else till.identity.root_document
    return TrustRoot.read(text).version if text else 0


@pytest.fixture
def stocked(world: World) -> World:
    world.stock_shelves(3)
    return world


def test_a_workstation_of_before_the_first_root_follows_it_and_all_that_come_after(stocked: World) -> None:
    publish(stocked, 100)
    till = stocked.till()
    assert till.client.exchange().staged == [1] and root_of(till) == 0
    old = Ceremony(stocked, holders=(1, 2, 3), threshold=2)
    old.adopt(by=(1, 2))
    assert till.client.exchange().root_refused == "" and root_of(till) == 1
    make_next(stocked.office.folder)
    old.rotate(by=(2, 3))
    new = Ceremony(stocked, holders=(3, 4, 5), threshold=2, roots=old.roots)
    new.adopt(by=(1, 2, 4, 5))
    publish(stocked, 200)
    assert till.client.exchange().staged == [2] and root_of(till) == 3
    assert till.replica.refused_releases() == []
    assert Verify(stocked.office.store, stocked.office.blobs, stocked.office.keys).run().ok


def test_a_new_workstation_and_one_with_a_snapshot_believe_the_newest_keys(stocked: World) -> None:
    publish(stocked, 100)
    stocked.office.snapshots.build()
    early = stocked.till("early")
    ceremony = Ceremony(stocked, holders=(1, 2, 3), threshold=2)
    ceremony.adopt(by=(1, 2))
    make_next(stocked.office.folder)
    ceremony.rotate(by=(1, 2))
    stocked.office.snapshots.build()
    late = stocked.till("late")
    for till in (early, late):
        report = till.client.exchange()
        assert report.snapshot and report.wrong_snapshot is None and report.root_refused == ""
        active = till.replica.active_release(stocked.clock.now_ms())
        assert active is not None and active.version == 1 and root_of(till) == 2


def test_a_staged_release_of_a_stolen_key_never_switches_on(stocked: World) -> None:
    """Here the thief had head office publish it; the people put another key in and take it back."""
    ceremony = Ceremony(stocked, holders=(1, 2, 3), threshold=2)
    ceremony.adopt(by=(1, 2))
    publish(stocked, 100)
    till = stocked.till()
    till.client.exchange()
    publish(stocked, 1, in_ms=DAY_MS)
    assert till.client.exchange().staged == [2]
    stolen = stocked.office.store.read(release.all_releases)[-1]
    make_next(stocked.office.folder)
    ceremony.rotate(by=(1, 2))

    def as_it_was(txn: object) -> None:  # the thief's row again, as only the key that is out has signed it
        row = [stolen.version, stolen.manifest, stolen.signatures]
        feed.put_rows(txn, "release", "chain", [row])  # type: ignore[arg-type]

    stocked.office.store.write(as_it_was)
    till.client.exchange()
    assert till.replica.staged_releases(stocked.clock.now_ms()) == []
    assert till.replica.refused_releases() == [(2, "release_key_withdrawn")]
    stocked.clock.advance(2 * DAY_MS)
    till.client.exchange()
    active = till.replica.active_release(stocked.clock.now_ms())
    assert active is not None and active.version == 1
    publish(stocked, 300)
    assert till.client.exchange().staged == [3]


def test_a_root_that_is_not_handed_over_changes_nothing_anywhere(stocked: World) -> None:
    publish(stocked, 100)
    ceremony = Ceremony(stocked, holders=(1, 2, 3), threshold=2)
    ceremony.adopt(by=(1, 2))
    till = stocked.till()
    till.client.exchange()
    usurper = Ceremony(stocked, holders=(7, 8, 9), threshold=2, roots=list(ceremony.roots))
    made = usurper.make(by=(7, 8))
    with pytest.raises(RootRefused, match="authority"):
        stocked.office.trust_roots.adopt(made, ACT)
    stocked.office.store.write(lambda txn: trust_root.add(txn, 2, made))  # a hostile head office puts it in
    report = till.client.exchange()
    assert report.root_refused == "root_not_handed_over" and root_of(till) == 1
    assert till.replica.setting(REFUSED_SETTING) == "root_not_handed_over"
    publish(stocked, 200)
    assert till.client.exchange().staged == [2]


def test_the_root_outlives_the_replica_and_the_program(stocked: World) -> None:
    ceremony = Ceremony(stocked, holders=(1, 2, 3), threshold=2)
    publish(stocked, 100)
    till = stocked.till()
    ceremony.adopt(by=(1, 2))
    till.client.exchange()
    till.close()
    for path in till.folder.glob("replica.db*"):
        path.unlink()
    again = Till.open(till.folder, till.clock, url=stocked.url)
    stocked.tills.append(again)
    stocked.office.store.write(lambda txn: trust_root.add(txn, 1, SignedRoot("{}")))
    assert again.client.exchange().root_refused == "root_malformed"
    assert root_of(again) == 1 and again.replica.active_release(stocked.clock.now_ms()) is not None
    (again.folder / FILE_NAME).write_bytes(b"{")  # unreadable: the walk begins anew
    again.reconnect(stocked.url)
    stocked.office.store.write(lambda txn: trust_root.add(txn, 1, _handed(stocked, ceremony.roots[0])))
    assert again.client.exchange().root_refused == "" and root_of(again) == 1


def _handed(world: World, signed: SignedRoot) -> SignedRoot:
    return pricing_keys.hand_over(world.office.folder, signed)


def test_head_office_publishes_only_what_workstations_would_take(stocked: World) -> None:
    ceremony = Ceremony(stocked, holders=(1, 2, 3), threshold=2)
    elsewhere = bytes([8]) * 32
    with pytest.raises(NotDelegated):
        ceremony.adopt(by=(1, 2), pricing=[elsewhere])  # nothing to sign again: but it could never publish
    publish(stocked, 100)
    with pytest.raises(NotDelegated):
        ceremony.adopt(by=(1, 2), pricing=[elsewhere])
    assert stocked.office.trust_roots.newest() is None


def test_a_pricing_key_that_was_taken_out_is_gone_from_head_office(stocked: World) -> None:
    ceremony = Ceremony(stocked, holders=(1,), threshold=1)
    ceremony.adopt(by=(1,))
    before = set(held(stocked.office.folder))
    make_next(stocked.office.folder)
    ceremony.rotate(by=(1,))
    assert not before & set(held(stocked.office.folder)) and len(held(stocked.office.folder)) == 1
    stocked.office.trust_roots.adopt(ceremony.roots[-1], ACT)  # again: finishes what was cut, no more
    assert publish(stocked, 100) == 1


def test_the_offline_commands_make_a_root_that_is_followed(stocked: World, tmp_path: Path) -> None:
    from typer.testing import CliRunner

    import sync_server.commands.root  # noqa: F401 - registers the commands
    from sync_server.commands.app import app
    from sync_server.store import chain_state

    def run(*arguments: str, code: int = 0) -> dict[str, object]:
        done = CliRunner().invoke(app, ["root", *map(str, arguments), "--json"])
        assert done.exit_code == code, done.output
        found = json.loads(done.stdout)
        assert isinstance(found, dict)
        return found

    keys = [tmp_path / f"key{n}.pem" for n in range(4)]
    publics = [str(run("key", "--out", str(path), "--passphrase", "leise")["public_key"]) for path in keys]
    assert (keys[0].stat().st_mode & 0o777) == 0o600 and b"ENCRYPTED" in keys[0].read_bytes()
    shown = run("show", "--data", str(stocked.office.folder.root))
    here = list(shown["pricing_keys_here"].values())  # type: ignore[attr-defined]
    chain_id = stocked.office.store.read(lambda txn: chain_state.get(txn, "chain_id") or "")
    first, second = str(tmp_path / "root1.json"), str(tmp_path / "root2.json")
    roots = [part for public in publics[:3] for part in ("--root-key", public)]
    run("draft", "--out", first, "--chain-id", chain_id, *roots, "--threshold", "2", "--pricing-key", here[0])
    run("check", first, code=1)
    for path in keys[:2]:
        signed = run("sign", first, "--key", str(path), "--passphrase", "leise")
    assert signed["ready"] and run("check", first)["ready"]
    refused = run("sign", first, "--key", str(keys[3]), "--passphrase", "leise", code=1)
    assert refused["error"]["code"] == "root_key_not_asked"  # type: ignore[index]
    refused = run("sign", first, "--key", str(keys[2]), "--passphrase", "laut", code=1)
    assert refused["error"]["code"] == "bad_root_file"  # type: ignore[index]
    data = ("--data", str(stocked.office.folder.root))
    run("adopt", first, *data, "--why", "first root")
    till = stocked.till()
    till.client.exchange()
    waiting = str(run("pricing-key", *data)["public_key"])
    roots = [part for public in publics[1:] for part in ("--root-key", public)]
    both = ("--pricing-key", waiting, "--pricing-key", here[0])
    refused = run("draft", "--out", second, "--after", first, *both, "--pricing-threshold", "3", code=1)
    assert refused["error"]["code"] == "root_malformed"  # type: ignore[index]
    run("draft", "--out", second, "--after", first, *roots, *both, "--pricing-threshold", "2")
    for path in (keys[0], keys[1], keys[3]):
        signed = run("sign", second, "--after", first, "--key", str(path), "--passphrase", "leise")
    assert signed["signatures"] == {"own": 2, "own_threshold": 2, "before": 2, "before_threshold": 2}
    run("adopt", second, *data, "--why", "one of us leaves")
    publish(stocked, 100)
    assert till.client.exchange().staged == [1] and root_of(till) == 2
    row = stocked.office.store.read(release.newest)
    assert row is not None and len(json.loads(row.signatures)) == 2, "both of the two that must"
