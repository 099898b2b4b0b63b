"""F-44: back up, wipe, restore, and both ends agree again (P4, P10, P14); what was lost is what was said."""

from __future__ import annotations

import shutil
from pathlib import Path
from random import Random

import pytest

from pos_client.journal.backup import back_up
from pos_client.journal.restore import restore
from pos_client.journal.start import JOURNAL_KEY
from sync_server.bootstrap import make_server, open_head_office
from sync_server.http.serving import serving
from sync_server.services.backup import make_backup
from sync_server.services.data_folder import DataFolder
from sync_server.services.restore import restore_backup
from sync_server.services.verify import Verify
from sync_server.store import feed
from tests.fakes.reference_rows import item_row
from tests.sync.world import Till, World

DRILLS = range(5)


@pytest.mark.parametrize("drill", DRILLS)
def test_head_office_is_wiped_and_restored(world: World, tmp_path: Path, drill: int) -> None:
    """What came after the backup: sales come back from the workstations, HQ's own changes do not."""
    dice = Random(drill)
    world.stock_shelves(30)
    tills = [world.till("t1"), world.till("t2", store_id="S002")]
    for till in tills:
        till.sell(dice.randrange(1, 20))
        till.client.exchange()
    office = world.office
    saved = make_backup(office.store, office.folder, tmp_path / "backup", world.clock)
    keys = tmp_path / "keys"
    shutil.copytree(office.folder.root / "keys", keys)
    for till in tills:
        till.sell(dice.randrange(1, 20))
        till.client.exchange()
    world.put("item", [item_row("NEW", "备份之后的商品", sales_rank=99)])
    tills[0].client.exchange()
    before = world.documents()
    assert before > saved.documents

    office.store.close()
    _wipe_all_but(office.folder.root, "certificates", "keys")
    done = restore_backup(DataFolder(office.folder.root), tmp_path / "backup", world.clock)
    assert done.documents == saved.documents, "the point that the backup covers, no other"
    again = open_head_office(office.folder.root, clock=world.clock)
    world.office = again
    try:
        with serving(make_server(again, tls=False, jobs=False)) as url:
            for till in tills:
                till.reconnect(url)
                till.client.exchange()
            assert world.documents() == before
            assert all(world.has_all_of(till) for till in tills)
            assert tills[0].replica.item_by_sku("NEW") is None, "one truth: head office's"
            assert not [scope for till in tills for scope in differing_scopes(world, till)]
        assert Verify(again.store, again.blobs, again.keys).run().ok
    finally:
        again.close()


@pytest.mark.parametrize("drill", DRILLS)
def test_a_workstation_is_wiped_and_restored(world: World, tmp_path: Path, drill: int) -> None:
    """Sales that were pushed after the backup are at head office; the restored one begins a new series."""
    dice = Random(drill)
    world.stock_shelves(30)
    till = world.till()
    till.sell(dice.randrange(1, 20))
    key = till.keys.get(JOURNAL_KEY)
    assert key is not None
    saved = back_up(till.folder / "journal.db", key, tmp_path / "backup", now_ms=world.clock.now_ms())
    lost = dice.randrange(1, 20)
    till.sell(lost)
    till.client.exchange()
    sold = world.documents()
    till.close()
    world.tills.remove(till)
    for name in ("journal.db", "journal.db-wal", "journal.db-shm", "replica.db"):
        (till.folder / name).unlink(missing_ok=True)
    done = restore(
        saved.folder,
        till.folder / "journal.db",
        keys=till.keys,
        witness_path=till.folder / "elsewhere" / "witness",
        clock=world.clock,
    )
    assert done.new_series, "the witness saw more than the backup holds"
    back = Till.open(till.folder, world.clock)
    world.tills.append(back)
    back.sell(3)
    back.client.exchange()
    assert world.has_all_of(back) and back.journal.series.incarnation == 2
    again = [one.type for one in back.journal.documents_after(0, limit=100)]
    assert [each for each in again if each != "allowance_reported"] == ["series_opened", *["sale"] * 3]
    assert world.documents() == sold + len(again), "nothing twice, nothing lost"

    assert back.replica.is_complete() and not differing_scopes(world, back)


def differing_scopes(world: World, till: Till) -> list[str]:
    """Scopes whose digest, computed anew on both sides, differs; a workstation has three."""
    wrong = []
    scopes = till.replica.scopes()
    assert len(scopes) == 3
    for scope in scopes:
        theirs = world.office.store.read(lambda txn, scope=scope: feed.digests(txn, scope))  # type: ignore[misc]
        ours = {kind: list(value) for kind, value in till.replica.digests(scope, recompute=True).items()}
        if ours != {kind: list(value) for kind, value in theirs.items() if value[0]}:
            wrong.append(scope)
    return wrong


def _wipe_all_but(folder: Path, *kept: str) -> None:
    for each in folder.iterdir():
        if each.name not in kept:
            shutil.rmtree(each) if each.is_dir() else each.unlink()
