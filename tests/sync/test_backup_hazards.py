"""Backups when things come in an odd order: restores on top of restores, old keys' files, two at once."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from sync_server.services import backup
from sync_server.services.acts import Act
from sync_server.services.backup import BackupFailed
from sync_server.services.backup_expiry import BackupExpiry
from sync_server.services.backup_keys import DAY_MS, KEYS_NAME, read_keys
from sync_server.services.restore import NO_KEYS, restore_backup
from sync_server.store import erasure, masters, member_seal
from sync_server.store.engine import Store
from tests.sync.backup_members import IMPORTED, assert_whole, fill, kept, traces, traces_in
from tests.sync.backup_members import pages_of as pages
from tests.sync.test_backup_members import back_up, restore_elsewhere
from tests.sync.world import World, running_world

HE_ASKED = Act("command line", "asked for it")


def test_an_order_in_any_keys_file_holds_whichever_file_is_named(world: World) -> None:
    tills = fill(world)
    office = world.office
    of_one = traces(office, tills, IMPORTED)
    made = back_up(world)
    old = world.folder / "old_keys.db"
    shutil.copyfile(made / KEYS_NAME, old)
    office.erasures.erase(HE_ASKED, IMPORTED)
    BackupExpiry(office.store, office.folder, world.clock).run()
    again, done = restore_elsewhere(world, made, member_keys=old)
    try:
        assert done.erased == 1 and done.unreadable == 0
        assert again.store.read(lambda txn: erasure.of_member(txn, IMPORTED)) is not None
        assert again.store.read(lambda txn: masters.members(txn, [IMPORTED])) == {}
        assert traces_in(pages(again.folder.root, again.keys.database), of_one) == []
        assert_whole(again)
    finally:
        again.close()


def test_a_restore_that_was_cut_before_its_last_step_forgets_no_erasure(world: World) -> None:
    """The database was put aside, the restored one has not its name yet, and the machine stops."""
    fill(world)
    office = world.office
    made = back_up(world)
    office.erasures.erase(HE_ASKED, IMPORTED)  # no keys' file was made since
    office.store.close()
    at = world.clock.now_ms()
    office.folder.database.rename(office.folder.root / f"head_office.db.before-restore-{at}")
    assert restore_backup(office.folder, made, world.clock).erased == 1


def restored_without_keys(world: World, made: Path) -> Store:
    """In place, as if nobody had looked for the keys' file: the chain goes on without its members."""
    office = world.office
    office.store.close()
    hidden = made / "hidden"
    (made / KEYS_NAME).rename(hidden)
    assert restore_backup(office.folder, made, world.clock).warnings == (NO_KEYS,)
    hidden.rename(made / KEYS_NAME)
    return backup.Store(backup.SqliteEngine(office.folder.database, office.keys.database))


def test_a_keys_file_that_opens_more_is_not_written_over(world: World) -> None:
    """A chain that was restored without its seals has others: the backup of before opens with its own."""
    fill(world)
    before, made, office = kept(world.office.store), back_up(world), world.office
    data = (made / KEYS_NAME).read_bytes()
    store = restored_without_keys(world, made)
    try:
        backup._seal_everybody(store)
        expiry = BackupExpiry(store, office.folder, world.clock)
        world.clock.advance(DAY_MS)
        done = expiry.run()
        assert (made / KEYS_NAME).read_bytes() == data
        assert done.renewed is not None and done.renewed.expires_at_ms == world.clock.now_ms() + 29 * DAY_MS
        second = backup.make_backup(store, office.folder, office.folder.root / "backups" / "b2", world.clock)
        fresh = (second.folder / KEYS_NAME).read_bytes()
        world.clock.advance(1)
        expiry.run()
        assert (second.folder / KEYS_NAME).read_bytes() != fresh, "the newest of its own is renewed"
        again, whole = restore_elsewhere(world, made)
        again.close()
        assert whole.unreadable == 0 and whole.keys is not None
        assert whole.keys.path == made / KEYS_NAME, "a newer file of a chain without its members opens less"
        again, _ = restore_elsewhere(world, made)
        try:
            assert kept(again.store) == before
        finally:
            again.close()
        world.clock.advance(29 * DAY_MS)
        assert made / KEYS_NAME in expiry.run().deleted, "it expires all the same"
    finally:
        store.close()


def test_who_was_erased_is_no_reason_to_keep_an_older_file(world: World) -> None:
    fill(world)
    made, office = back_up(world), world.office
    office.erasures.erase(HE_ASKED, IMPORTED)
    done = BackupExpiry(office.store, office.folder, world.clock).run()
    assert done.renewed is not None and done.renewed.members == 4
    assert read_keys(made / KEYS_NAME, office.keys.database).members == 4


def test_a_folder_with_another_chain_s_backups_leaves_those_alone(world: World) -> None:
    fill(world)
    office = world.office
    mine = back_up(world)
    place = mine.parent
    with running_world(world.folder / "stranger") as stranger:
        fill(stranger)
        stranger.clock.advance(60_000)
        theirs = place / "z"
        shutil.copytree(back_up(stranger), theirs)
        data = (theirs / KEYS_NAME).read_bytes()
        stranger.put("policy", [["personal_data", '{"backup_keys_days":3}']])
    mine_before = (mine / KEYS_NAME).read_bytes()
    world.clock.advance(31 * DAY_MS)
    done = BackupExpiry(office.store, office.folder, world.clock).in_folder(place)
    assert (theirs / KEYS_NAME).read_bytes() == data
    assert done.renewed is not None and done.renewed.path == mine / KEYS_NAME and done.deleted == ()
    assert (mine / KEYS_NAME).read_bytes() != mine_before


def test_two_backups_that_seal_one_member_apart_are_not_both_believed(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(world)
    monkeypatch.setattr(backup, "_seal_everybody", lambda store: None)
    keep = backup._keep

    def late(store: Store, fresh: dict[str, bytes]) -> None:
        other = dict.fromkeys(fresh, bytes(32))  # of a backup that ran meanwhile
        store.write(lambda txn: member_seal.put(txn, other))
        keep(store, fresh)

    monkeypatch.setattr(backup, "_keep", late)
    with pytest.raises(BackupFailed):
        back_up(world)
    monkeypatch.setattr(backup, "_keep", keep)
    again, done = restore_elsewhere(world, back_up(world))
    again.close()
    assert done.unreadable == 0
