"""Head office's file through a change of its schema: the old one or the new one, a copy of before kept."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from sync_server.services.chain import open_chain
from sync_server.services.data_folder import DataFolder
from sync_server.store import chain_state, migrations
from sync_server.store.engine import Store, Txn
from sync_server.store.errors import UpgradeFailed
from tests.sync.old_versions import unpacked_office

pytestmark = pytest.mark.database("sqlite")
BEFORE = "before-upgrade"


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    """A chain as version 1 of the wire left it: many migrations behind."""
    return DataFolder(unpacked_office("v1", tmp_path / "office"))


def chain_id(folder: DataFolder) -> object:
    store, _ = open_chain(folder)
    try:
        return store.read(chain_state.all_of)["chain_id"]
    finally:
        store.close()


def copies(folder: DataFolder) -> set[str]:
    found = folder.database.parent.glob(folder.database.name + ".*")
    return {path.name.removeprefix(folder.database.name + ".") for path in found}


def test_a_copy_of_before_is_kept_until_a_member_is_erased(folder: DataFolder) -> None:
    assert chain_id(folder) and copies(folder) == {BEFORE}
    before = folder.database.with_name(f"{folder.database.name}.{BEFORE}")
    assert before.stat().st_mode & 0o077 == 0
    store, _ = open_chain(folder)
    store.engine.forget_deleted()
    store.close()
    assert copies(folder) == set()


def spoil(path: Path) -> None:
    with path.open("r+b") as file:
        file.seek(path.stat().st_size // 2)
        file.write(os.urandom(4096))


@pytest.mark.parametrize("broken", [False, True], ids=["a step of ours fails", "the disk spoils the file"])
def test_a_step_that_fails_leaves_what_was(
    folder: DataFolder, monkeypatch: pytest.MonkeyPatch, broken: bool
) -> None:
    def failing(store: Store) -> None:
        def work(txn: Txn) -> None:
            txn.connection.exec_driver_sql("DELETE FROM chain_state")
            raise RuntimeError("this step is wrong")

        if broken:
            store.engine.dispose()
            spoil(folder.database)
        store.alter(work)

    with monkeypatch.context() as patch:
        patch.setattr(migrations, "migrate", failing)
        with pytest.raises(UpgradeFailed, match="install the version") as failed:
            open_chain(folder)
    assert failed.value.facts["restored"] is broken
    assert copies(folder) == ({"failed-upgrade"} if broken else set())
    assert chain_id(folder) and BEFORE in copies(folder)


def test_a_start_after_a_cut_heals_the_file(folder: DataFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    class Cut(BaseException):
        pass

    def cut(store: Store) -> None:
        raise Cut

    with monkeypatch.context() as patch:
        patch.setattr(migrations, "migrate", cut)
        with pytest.raises(Cut):
            open_chain(folder)
    assert copies(folder) == {"upgrading"}
    spoil(folder.database)
    assert chain_id(folder) and copies(folder) == {BEFORE, "failed-upgrade"}


def test_no_room_for_a_copy_is_said_before_anything_is_changed(
    folder: DataFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sync_server.store import upgrade

    with monkeypatch.context() as patch:
        patch.setattr(upgrade.shutil, "disk_usage", lambda _: type("Usage", (), {"free": 0}))
        with pytest.raises(UpgradeFailed, match="no room"):
            open_chain(folder)
    assert copies(folder) == set() and chain_id(folder)
