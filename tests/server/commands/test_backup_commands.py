"""Backups by processes that are killed, that find the disk full, and that do as they are told."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlcipher3.dbapi2 as dbapi

from pos_core.canonical import canonical_bytes
from sync_server.bootstrap import open_head_office
from sync_server.head_office import HeadOffice
from sync_server.services import restore
from sync_server.services.acts import Act
from sync_server.services.backup import make_backup, sha256_of
from sync_server.services.backup_expiry import BackupExpiry
from sync_server.services.backup_keys import DAY_MS, KEYS_NAME, read_keys
from sync_server.services.console.backups import Backups
from sync_server.services.importing import ImportOptions, ImportTarget, import_file
from sync_server.services.restore import OLD_FORM, restore_backup
from sync_server.services.verify import Verify
from sync_server.store import masters, member_seal
from sync_server.store.migrations import HEAD, current
from sync_server.store.sqlite import SqliteEngine, open_pragmas
from tests.server.commands.test_commands import run
from tests.server.support.office import HandClock, found_office
from tests.server.support.process import ROOT

MEMBERS = 30


@pytest.fixture
def office(tmp_path: Path) -> HeadOffice:
    """A chain with members; the caller closes it."""
    made = found_office(tmp_path / "chain", HandClock())
    file = tmp_path / "members.csv"
    rows = "\n".join(f"M{n},138001380{n:02},会员{n},gold,S001" for n in range(MEMBERS))
    file.write_text(f"member_id,phone,name,tier,home_store_id\n{rows}\n", encoding="utf-8")
    target = ImportTarget(made.store, made.keys, made.clock.now_ms())
    assert import_file(target, "members", file, ImportOptions()).imported
    return made


def child(code: str, *, limit: Callable[[], None] | None = None) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=limit,  # noqa: PLW1509 - a limit of this one process
    )


DIES = """
import sys, time
from pathlib import Path
from sync_server.bootstrap import open_head_office
from sync_server.services import {module} as module
from sync_server.services.backup import make_backup

def stop(*args, **more):
    print("here", flush=True)
    time.sleep(60)

module.{name} = stop
office = open_head_office(Path({data!r}))
make_backup(office.store, office.folder, Path({target!r}), office.clock)
"""


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("backup", "_facts"),  # the database stands, and nothing beside it
        ("backup", "write_keys"),  # everything but the keys' file
        ("backup_keys", "_fill"),  # in the middle of that
        ("backup", "canonical_bytes"),  # both are whole, and the manifest is missing
        ("backup", "flush_folder"),  # every file is written; the folder has not its name
    ],
)
def test_a_backup_whose_process_is_killed_is_none(office: HeadOffice, module: str, name: str) -> None:
    root = office.folder.root
    target = root / "backups" / "backup-1"
    office.close()
    process = child(DIES.format(module=module, name=name, data=str(root), target=str(target)))
    try:
        assert process.stdout is not None and process.stderr is not None
        assert process.stdout.readline().strip() == "here", process.stderr.read()
    finally:
        process.kill()
        process.communicate()
    assert not target.exists() and (root / "backups" / "backup-1.part").exists()
    clock = HandClock()
    again = open_head_office(root, clock=clock)
    try:
        assert Backups(again.store, again.folder, clock).listing() == []
        expiry = BackupExpiry(again.store, again.folder, clock)
        assert expiry.run().renewed is None, "neither counts"
        made = make_backup(again.store, again.folder, target, clock)
        assert made.members == MEMBERS and (target / KEYS_NAME).exists()
        assert not (root / "backups" / "backup-1.part").exists()
    finally:
        again.close()


def test_what_a_cut_backup_left_goes_after_a_day(office: HeadOffice) -> None:
    half = office.folder.root / "backups" / "backup-1.part"
    half.mkdir(parents=True)
    (half / KEYS_NAME).write_bytes(b"half")
    clock = HandClock(int(half.stat().st_mtime * 1000) + DAY_MS - 1000)
    expiry = BackupExpiry(office.store, office.folder, clock)
    expiry.run()
    assert half.exists()
    clock.advance(2000)
    expiry.run()
    assert not half.exists()
    office.close()


@pytest.mark.skipif(os.name != "posix", reason="a limit of the size of files")
@pytest.mark.parametrize("bytes_max", [200_000, 100_000])
def test_a_full_disk_leaves_nothing_and_says_what_to_do(
    office: HeadOffice, tmp_path: Path, bytes_max: int
) -> None:
    import resource

    root, target = office.folder.root, tmp_path / "backup"
    office.close()
    assert (root / "head_office.db").stat().st_size > 200_000

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (bytes_max, bytes_max))

    code = (
        "import sys; from sync_server.__main__ import main; "
        f"sys.argv = ['x', 'backup', '--data', {str(root)!r}, '--to', {str(target)!r}, '--json']; main()"
    )
    process = child(code, limit=limit)
    out, err = process.communicate(timeout=120)
    told = json.loads(out)
    assert (process.returncode, told["error"]["code"]) == (1, "backup_failed"), err
    assert not target.exists() and list(tmp_path.glob("backup*")) == []
    status, made, _ = run("backup", "--data", str(root), "--to", str(target), "--json")
    assert status == 0 and made["members"] == MEMBERS


def test_a_keys_file_that_cannot_be_renewed_stays_as_it_was(
    office: HeadOffice, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = make_backup(office.store, office.folder, office.folder.root / "backups" / "b", office.clock)
    before = (made.folder / KEYS_NAME).read_bytes()

    def full(*_: Any) -> Any:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(member_seal, "every", full)
    with pytest.raises(OSError, match="No space"):
        BackupExpiry(office.store, office.folder, office.clock).run()
    assert (made.folder / KEYS_NAME).read_bytes() == before
    assert [path.name for path in made.folder.iterdir() if path.suffix == ".part"] == []
    office.close()


@pytest.mark.skipif(os.name != "posix", reason="a limit of the size of files")
def test_a_restore_on_a_full_disk_says_what_to_do_and_replaces_nothing(
    office: HeadOffice, tmp_path: Path
) -> None:
    import resource

    root, target = office.folder.root, tmp_path / "backup"
    make_backup(office.store, office.folder, target, office.clock)
    office.close()
    before = (root / "head_office.db").read_bytes()

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))

    code = (
        "import sys; from sync_server.__main__ import main; "
        f"sys.argv = ['x', 'restore', '--data', {str(root)!r}, '--from', {str(target)!r}, '--json']; main()"
    )
    process = child(code, limit=limit)
    out, err = process.communicate(timeout=120)
    assert out, err
    assert (process.returncode, json.loads(out)["error"]["code"]) == (1, "restore_failed"), err
    assert (root / "head_office.db").read_bytes() == before
    assert [path.name for path in (root / "work").rglob("*.db*")] == []
    status, made, _ = run("restore", "--data", str(root), "--from", str(target), "--json")
    assert (status, made["ok"]) == (0, True)


def test_a_restore_that_fails_with_its_members_open_leaves_none(
    office: HeadOffice, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root, work = office.folder.root, office.folder.work
    made = make_backup(office.store, office.folder, tmp_path / "backup", office.clock)
    office.close()
    seen: list[str] = []

    def full(*_: Any, **__: Any) -> Any:
        seen.extend(path.name for path in work.iterdir())
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(restore, "_begin", full)
        with pytest.raises(restore.RestoreFailed, match="Free room"):
            restore_backup(office.folder, made.folder, office.clock)
    assert "restored.db" in seen and not [path.name for path in work.iterdir() if "restored" in path.name]
    assert restore_backup(office.folder, made.folder, office.clock).unreadable == 0
    assert (root / "head_office.db").exists()


def test_what_a_cut_restore_or_drill_left_goes_after_a_day(office: HeadOffice) -> None:
    work = office.folder.work
    (work / "drill" / "keys").mkdir(parents=True)
    left = [work / "restored.db", work / "restored.db-wal", work / "drill"]
    for path in left[:2]:
        path.write_bytes(b"members")
    other = work / "something"
    other.write_bytes(b"of another's")
    clock = HandClock(int(min(path.stat().st_mtime for path in left) * 1000) + DAY_MS - 2000)
    expiry = BackupExpiry(office.store, office.folder, clock)
    assert expiry.run().deleted == () and all(path.exists() for path in left)
    clock.advance(20_000)
    assert set(expiry.run().deleted) == set(left)
    assert [path for path in left if path.exists()] == [] and other.exists()
    office.close()


def test_what_has_expired_goes_though_no_fresh_one_can_be_written(
    office: HeadOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk is no reason to keep what nobody may read; what goes makes room too."""
    place, clock = office.folder.root / "backups", HandClock(office.clock.now_ms())
    first, second = (
        make_backup(office.store, office.folder, place / name, clock).folder / KEYS_NAME
        for name in ("a", "b")
    )
    aside = office.folder.root / f"head_office.db.before-restore-{clock.now_ms()}"
    aside.write_bytes(b"a database that a restore put aside")
    left = office.folder.work / "restored.db"
    left.parent.mkdir(exist_ok=True)
    left.write_bytes(b"members")
    os.utime(left, (1, 1))
    clock.advance(29 * DAY_MS)
    BackupExpiry(office.store, office.folder, clock).run()
    clock.advance(DAY_MS)
    before = second.read_bytes()
    left.write_bytes(b"members")
    os.utime(left, (1, 1))
    aside.write_bytes(b"a database that a restore put aside")

    def full(*_: Any) -> Any:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(member_seal, "every", full)
        with pytest.raises(OSError, match="No space"):
            BackupExpiry(office.store, office.folder, clock).run()
    assert [path.name for path in (first, aside, left) if path.exists()] == []
    assert second.read_bytes() == before, "it counts yet"
    office.close()


def old_backup(office: HeadOffice, target: Path) -> None:
    """As programs made it before: every page as it is, members' keys among them, and no table of seals."""
    (target / "blobs").mkdir(parents=True)
    engine = office.store.engine
    assert isinstance(engine, SqliteEngine)
    engine.backup_to(target / "head_office.db")
    connection = dbapi.connect(str(target / "head_office.db"), isolation_level=None)
    open_pragmas(connection, office.keys.database)
    for text in (
        "DROP TABLE member_seal",
        "DROP TABLE sealed_row",
        "UPDATE alembic_version SET version_num = '0044'",
        "PRAGMA wal_checkpoint(TRUNCATE)",
    ):
        connection.execute(text).fetchall()
    connection.close()
    manifest = {
        "v": 1,
        "made_at_ms": office.clock.now_ms(),
        "epoch": "before",
        "documents": 0,
        "files": {"head_office.db": sha256_of(target / "head_office.db")},
    }
    (target / "backup.json").write_bytes(canonical_bytes(manifest))


def test_a_backup_of_an_older_program_restores_with_a_warning(office: HeadOffice, tmp_path: Path) -> None:
    old_backup(office, tmp_path / "old")
    office.erasures.erase(Act("command line", "asked for it"), "M3")
    office.close()
    done = restore_backup(office.folder, tmp_path / "old", office.clock)
    assert done.warnings == (OLD_FORM,) and (done.unreadable, done.erased) == (0, 1)
    again = open_head_office(office.folder.root, clock=office.clock)
    try:
        assert again.store.read(current) == HEAD
        rows = again.store.read(lambda txn: masters.members(txn, [f"M{n}" for n in range(MEMBERS)]))
        assert len(rows) == MEMBERS - 1 and all(row.personal for row in rows.values())
        assert Verify(again.store, again.blobs, again.keys).run().ok
        made = make_backup(again.store, again.folder, tmp_path / "new", again.clock)
        assert made.members == MEMBERS - 1
    finally:
        again.close()


def test_commands_tell_of_keys_files(office: HeadOffice, tmp_path: Path) -> None:
    data, place = str(office.folder.root), tmp_path / "backups"
    office.close()
    _, told, _ = run("backup-keys", "--data", data, "--in", str(place), "--json")
    assert told == {"ok": True, "renewed": None, "expires_at_ms": None, "deleted": []}
    status, made, _ = run("backup", "--data", data, "--to", str(place / "one"), "--json")
    assert status == 0 and made["members"] == MEMBERS
    keys = place / "one" / KEYS_NAME
    keys.unlink()
    status, told, _ = run("backup-keys", "--data", data, "--in", str(place), "--json")
    assert status == 0 and told["renewed"] == str(keys)
    key = (office.folder.keys / "database.key").read_bytes()
    assert read_keys(keys, key).expires_at_ms == told["expires_at_ms"] >= made["keys_expire_at_ms"]
    elsewhere = keys.rename(tmp_path / "kept.db")
    restore = ("restore", "--data", data, "--from", str(place / "one"), "--json")
    _, told, _ = run(*restore)
    assert (told["members_unreadable"], told["warnings"]) == (MEMBERS, ["no_member_keys"])
    _, told, _ = run(*restore, "--member-keys", str(elsewhere))
    assert (told["members_unreadable"], told["warnings"]) == (0, [])
    assert told["member_keys"] == str(elsewhere)
    status, told, _ = run(*restore, "--member-keys", str(tmp_path / "none.db"))
    assert (status, told["error"]["code"]) == (1, "bad_keys_file")
