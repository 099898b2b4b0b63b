"""Backup while sales come in; restore begins an epoch; workstations send again what it lacks."""

from __future__ import annotations

import json
import threading
from pathlib import Path

import pytest

from sync_server.bootstrap import make_server, open_head_office
from sync_server.http.serving import serving
from sync_server.services.backup import BackupExists, BadBackup, make_backup
from sync_server.services.data_folder import DataFolder
from sync_server.services.restore import restore_backup
from sync_server.services.serving_lock import AlreadyServing, serving_lock
from sync_server.services.verify import Verify
from sync_server.store import audit, document
from tests.server.support.office import Chain

pytestmark = pytest.mark.database("sqlite")  # the file; PostgreSQL: tests/sync/test_move.py


def test_a_restore_heals_by_resume_point_alone(chain: Chain, tmp_path: Path) -> None:
    till = chain.enrol()
    for _ in range(10):
        till.maker.sale()
    till.push(1, 4)
    office = chain.office
    made = make_backup(office.store, office.folder, tmp_path / "backup", chain.clock)
    assert made.documents == 4
    till.push(5)
    before = till.resume()
    assert before["acked_number"] == 10
    office.store.close()
    done = restore_backup(DataFolder(office.folder.root), tmp_path / "backup", chain.clock)
    assert done.documents == 4 and done.epoch != before["epoch"] and done.aside is not None
    again = open_head_office(office.folder.root, clock=chain.clock)
    try:
        with serving(make_server(again, tls=False, jobs=False)) as url:
            till.http.base_url = url
            point = till.resume()
            assert (point["epoch"], point["acked_number"]) == (done.epoch, 4)
            status, error = till.feed("chain")
            assert (status, error["code"], error["facts"]["epoch"]) == (409, "epoch_changed", done.epoch)
            status, point = till.push(5)
            assert (status, point["acked_number"], point["head_hash"]) == (200, 10, till.maker.head)
        report = Verify(again.store, again.blobs, again.keys).run()
        assert report.ok and report.documents == 10
        assert "restored" in [row["action"] for row in again.store.read(audit.newest)]
    finally:
        again.close()


def test_a_backup_taken_while_sales_come_in_is_whole(chain: Chain, tmp_path: Path) -> None:
    till = chain.enrol()
    for _ in range(40):
        till.maker.sale()
    stop = threading.Event()

    def sell() -> None:
        for number in range(1, 41):
            till.push(number, number)
        stop.set()

    seller = threading.Thread(target=sell)
    seller.start()
    made = [
        make_backup(chain.office.store, chain.office.folder, tmp_path / f"b{n}", chain.clock)
        for n in range(4)
    ]
    seller.join()
    assert stop.is_set()
    counts = [each.documents for each in made]
    assert counts == sorted(counts)
    for place, each in enumerate(made):
        root = tmp_path / f"other{place}"
        (root / "keys").mkdir(parents=True)
        (root / "certificates").mkdir()
        for name in ("keys", "certificates"):
            for path in (chain.office.folder.root / name).iterdir():
                (root / name / path.name).write_bytes(path.read_bytes())
        restore_backup(DataFolder(root), each.folder, chain.clock)
        office = open_head_office(root, clock=chain.clock)
        try:
            assert office.store.read(document.count) == each.documents
            assert Verify(office.store, office.blobs, office.keys).run().ok
        finally:
            office.close()


@pytest.mark.parametrize("damage", ["cut", "flip", "lost", "no manifest", "stray"])
def test_a_damaged_backup_is_refused_and_nothing_is_touched(
    chain: Chain, tmp_path: Path, damage: str
) -> None:
    office = chain.office
    office.store.write(lambda txn: office.blobs.put(txn, b"file"))
    make_backup(office.store, office.folder, tmp_path / "backup", chain.clock)
    database = tmp_path / "backup" / "head_office.db"
    if damage == "cut":
        database.write_bytes(database.read_bytes()[:-4096])
    if damage == "flip":
        data = bytearray(database.read_bytes())
        data[5000] ^= 1
        database.write_bytes(bytes(data))
    if damage == "lost":
        next((tmp_path / "backup" / "blobs").iterdir()).unlink()
    if damage == "no manifest":
        (tmp_path / "backup" / "backup.json").unlink()
    if damage == "stray":
        path = tmp_path / "backup" / "backup.json"
        manifest = json.loads(path.read_text())
        manifest["files"]["../../outside"] = "0" * 64
        path.write_text(json.dumps(manifest))
    before = sorted(path.name for path in office.folder.root.rglob("*"))
    with pytest.raises(BadBackup):
        restore_backup(office.folder, tmp_path / "backup", chain.clock)
    after = sorted(path.name for path in office.folder.root.rglob("*") if path.name != "work")
    assert set(after) <= set(before)


def test_no_restore_under_a_running_server(chain: Chain, tmp_path: Path) -> None:
    make_backup(chain.office.store, chain.office.folder, tmp_path / "backup", chain.clock)
    with serving_lock(chain.office.folder.root), pytest.raises(AlreadyServing):
        restore_backup(chain.office.folder, tmp_path / "backup", chain.clock)


def test_a_backup_never_overwrites(chain: Chain, tmp_path: Path) -> None:
    make_backup(chain.office.store, chain.office.folder, tmp_path / "backup", chain.clock)
    with pytest.raises(BackupExists):
        make_backup(chain.office.store, chain.office.folder, tmp_path / "backup", chain.clock)


def test_a_backup_holds_no_key_and_nothing_in_clear(chain: Chain, tmp_path: Path) -> None:
    office = chain.office
    make_backup(office.store, office.folder, tmp_path / "backup", chain.clock)
    secrets = [path.read_bytes() for path in office.folder.keys.glob("*.key")]
    for path in (tmp_path / "backup").rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            assert "人民路店".encode() not in data and b"SQLite format" not in data
            assert not any(secret in data for secret in secrets)
