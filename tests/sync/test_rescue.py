"""A dead workstation's unsent documents reach head office once, by the recovery key and two people."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from pos_client.__main__ import main as pos_client
from pos_client.journal.rescue_file import BadRecoveryKey, read_recovery_key
from pos_core.errors import TidemarkError
from sync_server.services.acts import Act, OwnApproval
from sync_server.services.keys import RECOVERY_FILE
from sync_server.services.rescue import BadRescueFile, Rescued
from sync_server.services.verify import Verify
from sync_server.services.workstations import NoSuchWorkstation
from sync_server.store import audit, workstation
from tests.server.support.office import HandClock, found_office
from tests.sync.test_members import found, join
from tests.sync.test_put_back import serving_again
from tests.sync.world import Till, World

SENT, UNSENT = 3, 7


@pytest.fixture
def dead(world: World) -> Till:
    """Sold, was in contact, sold more with a member who joined, and never started again."""
    till = world.till("dead")
    till.sell(SENT)
    till.client.exchange()
    join(till, "m-late")
    till.sell(UNSENT)
    till.client.close()
    till.replica.close()
    till.journal.close()
    world.tills.remove(till)
    return till


def rescued(world: World, till: Till, out: Path) -> list[str]:
    """On another machine: the folder without its keys, the recovery key beside."""
    folder = out.parent / "rescue"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(till.folder, folder, ignore=shutil.ignore_patterns("keys", "elsewhere"))
    key = world.office.folder.root / RECOVERY_FILE
    words = ["rescue", "--data", str(folder), "--recovery-key", str(key), "--out", str(out), "--json"]
    assert pos_client(words) == 0
    assert not (folder / "keys" / "journal_key.key").exists()
    return out.read_text("utf-8").splitlines()


def hand_in(world: World, lines: list[str], *, by: str = "E7", second: str = "E8") -> Rescued:
    return world.office.rescue.hand_in(lines, by=by, witness=second, act=Act("command line", "disk died"))


def whole(world: World, till: Till) -> bool:
    """Every document of the journal is at head office, byte for byte by its hash, and all verifies."""
    again = Till.open(till.folder, world.clock)
    try:
        same = world.has_all_of(again)
    finally:
        again.close()
    return same and Verify(world.office.store, world.office.blobs, world.office.keys).run().ok


def test_a_dead_journal_is_handed_in_once(world: World, dead: Till, tmp_path: Path) -> None:
    world.office.workstations.revoke(dead.identity.workstation_id)
    before = world.documents()
    lines = rescued(world, dead, tmp_path / "rescued.jsonl")
    done = hand_in(world, lines)
    assert done.documents > UNSENT and done.member_keys == 1 and done.stopped == []
    assert world.documents() == before + done.documents and whole(world, dead)
    again = hand_in(world, lines)
    assert (again.documents, again.stopped) == (0, []) and whole(world, dead)
    rows = world.office.store.read(lambda txn: list(audit.newest(txn, 50)))
    facts = [row for row in rows if row["action"] == "journal_rescued"]
    assert (
        len(facts) == 2 and "E7" in str(facts[0]) and "E8" in str(facts[0]) and "disk died" in str(facts[0])
    )


@pytest.mark.database("sqlite")
def test_one_that_was_enrolled_after_the_backup_loses_nothing(tmp_path: Path) -> None:
    clock, office, image = HandClock(), tmp_path / "office", tmp_path / "image"
    found_office(office, clock).close()
    shutil.copytree(office, image)
    with serving_again(tmp_path, clock) as world:
        till = world.till("late")
        till.sell(SENT)
        till.client.exchange()
        till.close()
    shutil.rmtree(office)
    shutil.copytree(image, office)
    with serving_again(tmp_path, clock) as world:
        lines = rescued(world, till, tmp_path / "rescued.jsonl")
        with pytest.raises(NoSuchWorkstation):
            hand_in(world, lines)
        with pytest.raises(BadRescueFile):
            take_up(world, without(lines, 0))
        done = take_up(world, lines)
        assert done.documents == len(lines) and done.stopped == []
        assert whole(world, till)
        row = world.office.store.read(lambda txn: workstation.get(txn, till.identity.workstation_id))
        assert row is not None and (row.state, row.store_id) == ("revoked", "S001")
        assert take_up(world, lines).documents == 0


def take_up(world: World, lines: list[str]) -> Rescued:
    act = Act("command line", "enrolled after the backup")
    return world.office.rescue.hand_in(lines, by="E7", witness="E8", act=act, enrolled_since=True)


def test_the_member_who_joined_there_is_known_elsewhere(world: World, dead: Till, tmp_path: Path) -> None:
    hand_in(world, rescued(world, dead, tmp_path / "rescued.jsonl"))
    other = world.till("other")
    other.client.exchange()
    member = found(other)
    assert member is not None and member.member_id == "m-late"


def test_one_that_lives_after_all_sends_nothing_twice(world: World, dead: Till, tmp_path: Path) -> None:
    hand_in(world, rescued(world, dead, tmp_path / "rescued.jsonl"))
    alive = Till.open(dead.folder, world.clock)
    world.tills.append(alive)
    alive.sell(2)
    report = alive.client.exchange()
    assert report.forked == [] and world.has_all_of(alive) and alive.journal.documents_waiting() == 0
    assert Verify(world.office.store, world.office.blobs, world.office.keys).run().ok


def test_a_file_cut_short_is_finished_by_the_whole_one(world: World, dead: Till, tmp_path: Path) -> None:
    lines = rescued(world, dead, tmp_path / "rescued.jsonl")
    documents = [line for line in lines if "sealed" not in json.loads(line)]
    first = hand_in(world, documents[:-4])
    rest = hand_in(world, documents)
    assert rest.documents == 4 and first.documents > 0 and whole(world, dead)


def without(lines: list[str], at: int) -> list[str]:
    return [line for number, line in enumerate(lines) if number != at]


def changed(line: str, **facts: Any) -> str:
    return json.dumps(json.loads(line) | facts)


@pytest.mark.parametrize("how", ["hole", "noise", "other", "nothing", "list", "twice", "number"])
def test_a_file_that_is_none_takes_nothing(world: World, dead: Till, tmp_path: Path, how: str) -> None:
    lines = rescued(world, dead, tmp_path / "rescued.jsonl")
    bad = {
        "hole": without(lines, 5),
        "noise": [*lines[:5], "{", *lines[5:]],
        "other": [*lines[:-1], changed(lines[-2], workstation_id="another")],
        "nothing": [],
        "list": ["[]"],
        "twice": [*lines, lines[2]],
        "number": [changed(lines[0], number=-1)],
    }[how]
    before = world.documents()
    with pytest.raises(BadRescueFile, match="nothing was taken"):
        hand_in(world, bad)
    assert world.documents() == before


def test_a_changed_document_is_never_applied(world: World, dead: Till, tmp_path: Path) -> None:
    lines = rescued(world, dead, tmp_path / "rescued.jsonl")
    place = max(at for at, line in enumerate(lines) if '"type\\":\\"sale' in line or '"sale' in line) - 2
    value = json.loads(lines[place])
    lines[place] = changed(lines[place], data=value["data"].replace("2026-11-22", "2026-11-23"))
    done = hand_in(world, lines)
    assert [each["code"] for each in done.stopped] == ["chain_broken"]
    assert Verify(world.office.store, world.office.blobs, world.office.keys).run().ok
    good = hand_in(world, rescued(world, dead, tmp_path / "rescued.jsonl"))
    assert good.stopped == [] and whole(world, dead)


def test_a_forged_proof_is_found(world: World, dead: Till, tmp_path: Path) -> None:
    hand_in(world, rescued(world, dead, tmp_path / "rescued.jsonl"))

    def forge(txn: Any) -> None:
        forged = "rescued:" + "A" * 86 + "=="
        txn.connection.exec_driver_sql(
            f"UPDATE signed_head SET signature = '{forged}' WHERE signature LIKE 'rescued:%%'"
        )

    world.office.store.write(forge)
    problems = Verify(world.office.store, world.office.blobs, world.office.keys).run().problems
    assert {each["code"] for each in problems} == {"head_signature"}


@pytest.mark.parametrize(("by", "second"), [("E7", "E7"), ("E7", " "), ("", "E8"), ("E7", " E7 ")])
def test_two_people_are_named(world: World, dead: Till, by: str, second: str) -> None:
    with pytest.raises(OwnApproval):
        hand_in(world, [], by=by, second=second)


def test_another_key_opens_nothing(world: World, dead: Till, tmp_path: Path) -> None:
    noise = tmp_path / "noise.pem"
    noise.write_bytes(b"no key at all")
    with pytest.raises(BadRecoveryKey):
        read_recovery_key(noise)
    with pytest.raises(TidemarkError):
        read_recovery_key(tmp_path / "nowhere")
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    other = X25519PrivateKey.generate()
    noise.write_bytes(other.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    words = ["rescue", "--data", str(dead.folder), "--recovery-key", str(noise), "--out", str(tmp_path / "o")]
    assert pos_client(words) == 1 and not (tmp_path / "o").exists()
