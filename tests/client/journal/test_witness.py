"""The witness ring: the newest authentic record counts, and no torn write hides an acknowledged one."""

from __future__ import annotations

from pathlib import Path

import pytest

from pos_client.journal.draft import Head
from pos_client.journal.witness import SLOT_BYTES, SLOTS, Witness, read_witness
from pos_client.storage.errors import DiskTrouble
from pos_core.sync.document import Series
from tests.client.journal.helpers import Home, sell

KEY = bytes(range(32))


def _head(number: int) -> Head:
    return Head(Series("ws-1", 1), number, f"{number:064x}")


def _filled(path: Path, count: int) -> None:
    witness = Witness.open(path, KEY, read_witness(path, KEY), _head(0))
    for number in range(1, count + 1):
        witness.testify(_head(number))
    witness.close()


@pytest.mark.parametrize("count", [0, 1, 2, SLOTS - 1, SLOTS, SLOTS + 1, 3 * SLOTS + 5])
def test_it_remembers_the_last_head_and_never_grows(tmp_path: Path, count: int) -> None:
    _filled(tmp_path / "w", count)
    assert read_witness(tmp_path / "w", KEY).head == _head(count)
    assert (tmp_path / "w").stat().st_size == SLOTS * SLOT_BYTES


@pytest.mark.parametrize("count", [1, SLOTS, SLOTS + 7])
def test_garbage_in_the_slot_being_written_leaves_the_record_before(tmp_path: Path, count: int) -> None:
    path = tmp_path / "w"
    _filled(path, count)
    content = bytearray(path.read_bytes())
    # The next turn's slot may hold anything after a cut; turn 1 was the fresh ring's own record.
    start = (count + 2) % SLOTS * SLOT_BYTES
    content[start : start + SLOT_BYTES] = b"\xff" * SLOT_BYTES
    path.write_bytes(content)
    assert read_witness(path, KEY).head == _head(count)


def test_another_key_reads_nothing(tmp_path: Path) -> None:
    _filled(tmp_path / "w", 3)
    assert read_witness(tmp_path / "w", bytes(32)).state == "unreadable"


def test_an_older_record_cannot_be_renumbered(tmp_path: Path) -> None:
    path = tmp_path / "w"
    _filled(path, 3)
    path.write_bytes(path.read_bytes().replace(b"witness-1 2 ", b"witness-1 9 "))
    assert read_witness(path, KEY).head == _head(3)


def test_after_one_failed_write_it_never_says_yes_again(tmp_path: Path) -> None:
    witness = Witness.open(tmp_path / "w", KEY, read_witness(tmp_path / "w", KEY), _head(0))
    witness.close()
    for _ in range(2):
        with pytest.raises(DiskTrouble) as caught:
            witness.testify(_head(1))
        assert caught.value.facts["outcome"] == "uncertain"


def test_a_lost_witness_is_begun_anew_and_says_so(home: Home) -> None:
    journal = home.open()
    sell(journal, 2)
    journal.close()
    home.witness_path.unlink()
    again = home.open()
    assert again.witness_state == "missing" and again.head().number == 3
    again.close()
    assert home.verify().ok


def test_a_journal_ahead_of_its_witness_is_healed_and_shown(home: Home) -> None:
    journal = home.open()
    sell(journal, 2)
    before = home.witness_path.read_bytes()
    lost_print = sell(journal, 1)
    journal.close()
    home.witness_path.write_bytes(before)
    again = home.open()
    assert again.unwitnessed == lost_print
    again.close()
    assert home.open_and_close().unwitnessed == []
