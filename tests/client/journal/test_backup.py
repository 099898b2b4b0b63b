"""A backup is taken while selling, is refused when it is not whole, and revives no series."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from pos_client.bootstrap import Options
from pos_client.headless_host import HeadlessHost
from pos_client.journal.backup import (
    JOURNAL_NAME,
    KEYS_KEPT_DAYS,
    KEYS_NAME,
    MANIFEST,
    Backup,
    BackupRejected,
    back_up,
    delete_expired_keys,
)
from pos_client.journal.draft import Draft, MemberErased, PersonalFields
from pos_client.journal.journal import Journal
from pos_client.journal.restore import Restored, restore
from pos_client.journal.verify import verify_journal
from pos_client.services.system_clock import SystemClock
from pos_client.storage.errors import LostTail, SecondInstance
from pos_client.storage.places import Places
from pos_client.sync.workstation_file import WorkstationFile
from tests.client.journal.helpers import DAY, Home, sell
from tests.client.journal.plain_pages import plain_pages

DAY_MS = 24 * 3600 * 1000


def _join(journal: Journal, member_id: str) -> None:
    personal = PersonalFields(member_id, {"name": "王小明"})
    journal.record([Draft("member_joined", {"member_id": member_id}, DAY, personal=personal)]).result()


def _back_up(home: Home) -> Backup:
    return back_up(home.journal_path, home.key, home.root / "backups", now_ms=home.clock.now_ms())


def _restore(home: Home, backup: Backup, **options: bool) -> Restored:
    return restore(
        backup.folder,
        home.journal_path,
        keys=home.keys,
        witness_path=home.witness_path,
        clock=home.clock,
        **options,
    )


def test_restoring_the_newest_state_continues_the_series(home: Home) -> None:
    journal = home.open()
    sell(journal, 5)
    backup = _back_up(home)
    journal.close()
    home.journal_path.unlink()
    done = _restore(home, backup)
    assert (done.new_series, done.head.number, done.documents) == (False, 6, 6)
    assert home.verify().ok


def test_restoring_an_older_state_begins_a_new_series(home: Home) -> None:
    journal = home.open()
    sell(journal, 3)
    backup = _back_up(home)
    sell(journal, 2, seed=3)
    journal.close()
    done = _restore(home, backup)
    assert done.new_series and (done.head.series.incarnation, done.head.number) == (2, 1)
    assert done.kept_aside is not None and done.kept_aside.exists()
    journal = home.open()
    assert sell(journal, 1)[0].number == 2
    journal.close()
    assert home.verify().ok


def test_the_series_may_be_kept_for_the_server_to_heal(home: Home) -> None:
    journal = home.open()
    sell(journal, 3)
    backup = _back_up(home)
    sell(journal, 2, seed=3)
    pushed = [one.data for one in journal.documents_after(0, limit=100)]
    journal.close()
    done = _restore(home, backup, keep_series=True)
    assert not done.new_series
    with pytest.raises(LostTail):
        home.open()
    journal = home.open(rescue=True)
    journal.adopt_documents(pushed[journal.head().number :]).result()
    assert sell(journal, 1)[0].number == 7
    journal.close()


def test_without_a_witness_a_restored_journal_is_not_believed(home: Home) -> None:
    journal = home.open()
    sell(journal, 3)
    backup = _back_up(home)
    journal.close()
    home.journal_path.unlink()
    home.witness_path.unlink()
    assert _restore(home, backup).new_series


def test_a_copy_of_the_live_files_is_no_backup(home: Home, tmp_path: Path) -> None:
    journal = home.open()
    sell(journal, 3)
    copied = tmp_path / "copied"
    copied.mkdir()
    shutil.copyfile(home.journal_path, copied / JOURNAL_NAME)
    journal.close()
    with pytest.raises(BackupRejected):
        _restore(home, Backup(copied, {}))


@pytest.mark.parametrize("damage", "flip cut live_copy log_beside missing manifest escape".split())
def test_an_inconsistent_backup_is_refused_and_nothing_changes(home: Home, damage: str) -> None:
    journal = home.open()
    sell(journal, 3)
    backup = _back_up(home)
    sell(journal, 1, seed=9)
    file, manifest = backup.folder / JOURNAL_NAME, backup.folder / MANIFEST
    content = file.read_bytes()
    if damage == "flip":
        file.write_bytes(content[:5000] + bytes([content[5000] ^ 1]) + content[5001:])
    elif damage == "cut":
        file.write_bytes(content[:-4096])
    elif damage == "live_copy":
        file.write_bytes(home.journal_path.read_bytes())
    elif damage == "log_beside":
        shutil.copyfile(home.wal_path, backup.folder / (JOURNAL_NAME + "-wal"))
    elif damage == "missing":
        file.unlink()
    elif damage == "manifest":
        manifest.write_text(manifest.read_text()[:-20])
    else:
        manifest.write_text(manifest.read_text().replace('"journal.key.sealed"', '"../journal.key.sealed"'))
    journal.close()
    before = home.journal_path.read_bytes()
    with pytest.raises(BackupRejected):
        _restore(home, backup)
    assert home.journal_path.read_bytes() == before
    home.open_and_close()


def test_a_manifest_that_was_made_to_fit_does_not_help_a_broken_chain(home: Home) -> None:
    """The digest is right, but the heads are another journal's."""
    journal = home.open()
    sell(journal, 3)
    older, newer = _back_up(home), None
    sell(journal, 2)
    newer = _back_up(home)
    journal.close()
    claimed = json.loads((newer.folder / MANIFEST).read_text())
    held = json.loads((older.folder / MANIFEST).read_text())
    held["heads"] = claimed["heads"]
    (older.folder / MANIFEST).write_text(json.dumps(held))
    with pytest.raises(BackupRejected):
        _restore(home, older)


def test_nothing_is_restored_under_a_running_program(home: Home) -> None:
    journal = home.open()
    backup = _back_up(home)
    with pytest.raises(SecondInstance):
        _restore(home, backup)
    journal.close()


def test_members_keys_are_apart_and_expire(home: Home) -> None:
    journal = home.open()
    _join(journal, "m1")
    key = bytes(journal.read(lambda c: c.execute("SELECT key FROM member_key").fetchone()[0]))
    backup = _back_up(home)
    journal.close()
    assert key not in plain_pages(backup.folder / JOURNAL_NAME, home.key)
    assert key in plain_pages(backup.folder / KEYS_NAME, home.key)
    into = backup.folder.parent
    assert delete_expired_keys(into, home.clock.now_ms()) == []
    gone = delete_expired_keys(into, home.clock.now_ms() + KEYS_KEPT_DAYS * DAY_MS)
    assert gone == [backup.folder / KEYS_NAME]
    _restore(home, backup)
    journal = home.open()
    joined = journal.last_of_type("member_joined")
    assert joined is not None and journal.personal_fields(joined) is None
    journal.close()


def test_a_backup_by_the_driver_deletes_what_expired_beside_it(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = home.open()
    _join(journal, "m1")
    into = home.root / "backups"
    old = _back_up(home)
    journal.close()
    monkeypatch.setattr(WorkstationFile, "load", lambda folder: None)
    host = HeadlessHost(Options(Places(home.data, home.witness_path, home.root / "keys")))
    now_ms = home.clock.now_ms()
    monkeypatch.setattr(SystemClock, "now_ms", lambda self: now_ms + KEYS_KEPT_DAYS * DAY_MS)
    answer = host.backup(into)
    assert not (old.folder / KEYS_NAME).exists()
    assert (Path(answer["folder"]) / KEYS_NAME).exists() and answer["documents"] == 2


def test_keys_come_back_before_they_expire_but_not_over_an_erasure(home: Home) -> None:
    journal = home.open()
    _join(journal, "m1")
    _join(journal, "m2")
    backup = _back_up(home)
    journal.erase_member("m2").result()
    journal.close()
    _restore(home, backup)
    journal = home.open()
    fields = [journal.personal_fields(one) for one in journal.documents_after(1, limit=2, incarnation=1)]
    assert fields == [{"name": "王小明"}, None]
    with pytest.raises(MemberErased):
        _join(journal, "m2")
    journal.close()


def test_an_erasure_reaches_the_journal_that_a_restore_put_aside(home: Home) -> None:
    """It stays for the sales that may be in it; whom it named is erased in it too, then and later."""
    journal = home.open()
    for member_id in ("m1", "m2", "m3"):
        _join(journal, member_id)
    keys = dict(journal.read(lambda c: c.execute("SELECT member_id, key FROM member_key").fetchall()))
    backup = _back_up(home)
    sell(journal, 3)
    journal.close()
    done = _restore(home, backup)
    shutil.rmtree(backup.folder)
    assert done.kept_aside is not None
    assert all(bytes(key) in plain_pages(done.kept_aside, home.key) for key in keys.values())
    broken = done.kept_aside.with_name(f"{home.journal_path.name}.replaced-0")
    broken.write_bytes(b"not a database " * 500)
    journal = home.open()
    journal.erase_member("m1").result()
    journal.erase_member("m2").result()
    for path in (home.journal_path, done.kept_aside):
        pages = plain_pages(path, home.key)
        assert [who for who, key in keys.items() if bytes(key) in pages] == ["m3"], path.name
    assert broken.read_bytes() == b"not a database " * 500
    journal.give_up_member_keys(keep_unsent=False).result()
    assert bytes(keys["m3"]) not in plain_pages(done.kept_aside, home.key)
    journal.close()
    report = verify_journal(done.kept_aside, home.key)
    assert report.ok and report.documents == 7, "and its documents are as they were"


def test_forty_backups_while_selling_are_all_good(home: Home) -> None:
    """Naive copies of a busy file were broken half of the time."""
    journal = home.open()
    for turn in range(40):
        futures = [journal.record([draft]) for draft in _drafts(turn)]
        back_up(home.journal_path, home.key, home.root / "backups", now_ms=turn)
        for future in futures:
            future.result()
    journal.close()
    assert len(list((home.root / "backups").glob("journal-*"))) == 40


def _drafts(turn: int) -> list[Draft]:
    from random import Random

    from tests.client.journal.helpers import sale

    dice = Random(turn)
    return [sale(dice) for _ in range(10)]
