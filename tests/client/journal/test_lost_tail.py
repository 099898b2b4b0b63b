"""A journal that is shorter than its witness never goes on with its series, whatever shortened it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from pos_client.journal.draft import Draft, ForeignDocument
from pos_client.journal.journal import Journal
from pos_client.journal.sessions import sign_on_failures
from pos_client.storage.errors import LostTail
from pos_core.canonical import parse_strict
from tests.client.journal.helpers import DAY, Home, sale, sell


def _older_file_put_back(home: Home, tmp_path: Path) -> list[bytes]:
    journal = home.open()
    sell(journal, 2)
    journal.close()
    older = home.journal_path.read_bytes()
    journal = home.open()
    sell(journal, 3, seed=2)
    pushed = _everything(journal)
    journal.close()
    home.journal_path.write_bytes(older)
    return pushed


def _log_deleted(home: Home, tmp_path: Path) -> list[bytes]:
    journal = home.open()
    sell(journal, 5)
    copy = home.copy_to(tmp_path / "copy")  # as a kill would leave it: with its log
    pushed = _everything(journal)
    journal.close()
    copy.wal_path.unlink()
    (copy.data / "journal.db-shm").unlink()
    home.root = copy.root
    return pushed


def _log_cut_short(home: Home, tmp_path: Path) -> list[bytes]:
    journal = home.open()
    sell(journal, 5)
    copy = home.copy_to(tmp_path / "copy")
    pushed = _everything(journal)
    journal.close()
    content = copy.wal_path.read_bytes()
    copy.wal_path.write_bytes(content[: len(content) - 100])
    (copy.data / "journal.db-shm").unlink()
    home.root = copy.root
    return pushed


def _log_with_one_bit_flipped(home: Home, tmp_path: Path) -> list[bytes]:
    journal = home.open()
    sell(journal, 5)
    copy = home.copy_to(tmp_path / "copy")
    pushed = _everything(journal)
    journal.close()
    content = bytearray(copy.wal_path.read_bytes())
    content[len(content) // 2] ^= 4
    copy.wal_path.write_bytes(bytes(content))
    (copy.data / "journal.db-shm").unlink()
    home.root = copy.root
    return pushed


def _log_of_an_earlier_day(home: Home, tmp_path: Path) -> list[bytes]:
    journal = home.open()
    sell(journal, 2)
    earlier = home.copy_to(tmp_path / "earlier")
    sell(journal, 3, seed=2)
    copy = home.copy_to(tmp_path / "copy")
    pushed = _everything(journal)
    journal.close()
    copy.wal_path.write_bytes(earlier.wal_path.read_bytes())
    (copy.data / "journal.db-shm").unlink()
    home.root = copy.root
    return pushed


def _file_deleted(home: Home, tmp_path: Path) -> list[bytes]:
    journal = home.open()
    sell(journal, 5)
    pushed = _everything(journal)
    journal.close()
    home.journal_path.unlink()
    return pushed


SHORTENED = [
    _older_file_put_back,
    _log_deleted,
    _log_cut_short,
    _log_with_one_bit_flipped,
    _log_of_an_earlier_day,
    _file_deleted,
]
Damage = Callable[[Home, Path], list[bytes]]


@pytest.mark.parametrize("damage", SHORTENED)
def test_a_lost_tail_stops_the_start(home: Home, tmp_path: Path, damage: Damage) -> None:
    damage(home, tmp_path)
    with pytest.raises(LostTail) as caught:
        home.open()
    assert caught.value.facts["witness_number"] == 6
    with pytest.raises(LostTail):  # asking again changes nothing
        home.open()


@pytest.mark.parametrize("damage", SHORTENED)
def test_nothing_is_recorded_before_it_is_healed(home: Home, tmp_path: Path, damage: Damage) -> None:
    damage(home, tmp_path)
    journal = home.open(rescue=True)
    with pytest.raises(LostTail):
        journal.record([sale()]).result()
    journal.close()


@pytest.mark.parametrize("damage", SHORTENED)
def test_a_new_series_is_a_way_out(home: Home, tmp_path: Path, damage: Damage) -> None:
    damage(home, tmp_path)
    journal = home.open(rescue=True)
    proven = journal.head()
    opened = journal.open_new_incarnation("rescued").result()
    assert (opened.series.incarnation, opened.number) == (2, 1)
    body = parse_strict(opened.data)["body"]
    assert body["witness"]["number"] == 6
    assert body["previous"] == (
        {"incarnation": 1, "number": proven.number, "hash": proven.hash} if proven.number else None
    )
    sell(journal, 1)
    journal.close()
    assert home.open_and_close().head().number == 2
    assert home.verify().ok


@pytest.mark.parametrize("damage", SHORTENED)
def test_fetching_the_tail_back_heals_the_series(home: Home, tmp_path: Path, damage: Damage) -> None:
    pushed = damage(home, tmp_path)
    journal = home.open(rescue=True)
    head = journal.adopt_documents(pushed[journal.head().number :]).result()
    assert head.number == 6 and journal.lost_tail is None
    assert sell(journal, 1)[0].number == 7
    journal.close()
    assert home.verify().ok


def test_a_part_of_the_tail_is_not_enough(home: Home, tmp_path: Path) -> None:
    pushed = _older_file_put_back(home, tmp_path)
    journal = home.open(rescue=True)
    journal.adopt_documents(pushed[3:5]).result()
    assert journal.lost_tail is not None and journal.head().number == 5
    journal.close()


def test_documents_that_do_not_continue_the_chain_are_not_adopted(home: Home, tmp_path: Path) -> None:
    pushed = _older_file_put_back(home, tmp_path)
    journal = home.open(rescue=True)
    for wrong in ([pushed[4]], [pushed[3], pushed[3]], [pushed[3][:-1] + b" }"], [b"{}"], [b"[]"]):
        with pytest.raises(ForeignDocument):
            journal.adopt_documents(wrong).result()
    assert journal.head().number == 3
    journal.close()


def test_another_history_of_the_same_length_is_noticed(home: Home, tmp_path: Path) -> None:
    journal = home.open()
    sell(journal, 2)
    journal.close()
    clone = home.copy_to(tmp_path / "clone")
    for machine, seed in ((home, 3), (clone, 4)):
        journal = machine.open()
        sell(journal, 2, seed=seed)
        journal.close()
    home.journal_path.write_bytes(clone.journal_path.read_bytes())
    with pytest.raises(LostTail) as caught:
        home.open()
    assert caught.value.facts["kind"] == "other_history"


def test_an_older_file_does_not_reset_the_lock_out_unseen(home: Home) -> None:
    journal = home.open()
    journal.close()
    older = home.journal_path.read_bytes()
    journal = home.open()
    failed = {"operator_number": "1001", "reason": "wrong_pin", "failures": 5, "locked_until_ms": 10**14}
    journal.record([Draft("sign_on_failed", failed, DAY)]).result()
    assert journal.read(lambda c: sign_on_failures(c, "1001")).failed_count == 5
    journal.close()
    home.journal_path.write_bytes(older)
    with pytest.raises(LostTail):
        home.open()


def test_a_missing_file_with_its_sealed_key_is_no_fresh_start(home: Home) -> None:
    """Both the journal and the witness gone: the sealed key still tells that there was one."""
    journal = home.open()
    sell(journal, 2)
    journal.close()
    home.journal_path.unlink()
    home.witness_path.unlink()
    with pytest.raises(LostTail):
        home.open()
    rescued = home.open(rescue=True)
    assert rescued.open_new_incarnation("rescued").result().series.incarnation == 2
    rescued.close()


def _everything(journal: Journal) -> list[bytes]:
    """What the server has when all was pushed."""
    return [one.data for one in journal.documents_after(0, limit=100)]
