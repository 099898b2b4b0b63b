"""F-11 to F-13 on the write-ahead log: it is cut, flipped, deleted or exchanged, or its index is stale.

Every sale is there again, or the start is refused; never is a shorter history gone on with.
`TIDEMARK_DAMAGES` sets the number of cuts and of flips (default 30; the long campaign uses 2,000).
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest

from pos_client.storage.errors import DamagedFile, LostTail
from tests.client.journal.helpers import Home, sell

DAMAGES = int(os.environ.get("TIDEMARK_DAMAGES", "30"))
SALES = 5


@pytest.fixture
def killed(home: Home, tmp_path: Path) -> tuple[Home, list[str]]:
    """A workstation as a kill left it, its last sales in the log alone; the hashes of all its documents."""
    journal = home.open()
    sell(journal, SALES)
    copy = home.copy_to(tmp_path / "killed")
    hashes = [document.hash for document in journal.documents_after(0, limit=100)]
    journal.close()
    return copy, hashes


def struck(home: Home, root: Path, damage: Callable[[Home], None], hashes: list[str]) -> bool:
    """Whether the start was refused; else every document is there and the series goes on."""
    broken = home.copy_to(root)
    damage(broken)
    try:
        journal = broken.open()
    except (LostTail, DamagedFile):
        return True
    try:
        assert [document.hash for document in journal.documents_after(0, limit=100)] == hashes
        assert sell(journal, 1)[0].number == len(hashes) + 1
    finally:
        journal.close()
        shutil.rmtree(root)
    return False


@pytest.mark.parametrize("damage", ["cut", "bit"])
def test_a_damaged_log_loses_nothing_unseen(
    killed: tuple[Home, list[str]], tmp_path: Path, damage: str
) -> None:
    home, hashes = killed
    dice = Random(damage)
    whole = home.wal_path.read_bytes()
    refused = 0
    for trial in range(DAMAGES):
        place = dice.randrange(len(whole))
        content = bytearray(whole)
        if damage == "cut":
            del content[place:]
        else:
            content[place] ^= 1 << dice.randrange(8)

        def put(broken: Home, log: bytes = bytes(content)) -> None:
            broken.wal_path.write_bytes(log)

        refused += struck(home, tmp_path / f"trial{trial}", put, hashes)
    assert refused > DAMAGES // 2, "the damage must hit something"


def _stale(name: str) -> Callable[[Home, Home], None]:
    """A file of an earlier moment in the place of today's."""

    def damage(broken: Home, earlier: Home) -> None:
        shutil.copyfile(earlier.data / name, broken.data / name)

    return damage


def _other_database(broken: Home, earlier: Home) -> None:
    shutil.copyfile(Home(earlier.root.parent / "stranger").wal_path, broken.wal_path)


def _no_log(broken: Home, earlier: Home) -> None:
    broken.wal_path.unlink()


def _noise(broken: Home, earlier: Home) -> None:
    (broken.data / "journal.db-shm").write_bytes(Random(1).randbytes(32768))


def _no_index(broken: Home, earlier: Home) -> None:
    (broken.data / "journal.db-shm").unlink()


CASES: dict[str, tuple[Callable[[Home, Home], None], bool]] = {
    "the log is deleted": (_no_log, True),
    "the log of an earlier day": (_stale("journal.db-wal"), True),
    "the log of another database": (_other_database, True),
    "an index of an earlier day": (_stale("journal.db-shm"), False),
    "noise instead of the index": (_noise, False),
    "no index": (_no_index, False),
}


@pytest.mark.parametrize("case", CASES)
def test_a_missing_or_foreign_log_is_noticed_and_a_stale_index_harms_nothing(
    home: Home, tmp_path: Path, case: str
) -> None:
    stranger = Home(tmp_path / "stranger_at_work")
    other = stranger.open()
    sell(other, 9, seed=7)
    stranger.copy_to(tmp_path / "stranger")
    other.close()
    journal = home.open()
    sell(journal, 2)
    earlier = home.copy_to(tmp_path / "earlier")
    sell(journal, 3, seed=2)
    now = home.copy_to(tmp_path / "now")
    hashes = [document.hash for document in journal.documents_after(0, limit=100)]
    journal.close()
    damage, refused = CASES[case]
    assert struck(now, tmp_path / "struck", lambda broken: damage(broken, earlier), hashes) == refused
