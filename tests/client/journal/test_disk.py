"""A disk that is full or fails: nothing is half recorded, no doubt is called success (P1, P5, P20)."""

from __future__ import annotations

import json
import os
import resource
import shutil
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from pos_client.storage.ballast import keep_ballast
from pos_client.storage.errors import DiskFull, DiskTrouble, StorageTrouble
from tests.client.journal.helpers import Home, sale, sell

ROOT = Path(__file__).resolve().parents[3]
needs_strace = pytest.mark.skipif(shutil.which("strace") is None, reason="strace makes the disk fail")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 3 MB of its own."""
    folder = tmp_path / "disk"
    folder.mkdir()
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(folder)], check=False, capture_output=True
    )
    if done.returncode:
        pytest.skip("mounting a small disk needs root")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


def test_a_full_disk_refuses_whole_sales_and_ballast_closes_the_shift(small_disk: Path) -> None:
    home = Home(small_disk / "w")
    journal = home.open()
    assert keep_ballast(home.data / "ballast", size=512 * 1024)
    with pytest.raises(DiskFull):
        sell(journal, 3000)
    with pytest.raises(OSError, match="No space"):  # what a smaller sale might still have used
        (small_disk / "filler").write_bytes(bytes(4 * 1024 * 1024))
    with pytest.raises(DiskFull):
        sell(journal, 100)
    last = journal.head().number
    assert journal.documents_after(last - 1, limit=9)[0].number == last, "reading goes on"
    assert journal.give_up_ballast()
    assert [one.number for one in sell(journal, 3)] == [last + 1, last + 2, last + 3]
    journal.close()
    home.verify_is_clean()


def test_a_program_starts_on_a_full_disk(small_disk: Path) -> None:
    home = Home(small_disk / "w")
    journal = home.open()
    sell(journal, 3)
    journal.close()
    keep_ballast(home.data / "ballast", size=64 * 1024)
    with pytest.raises(OSError, match="No space"):
        (small_disk / "filler").write_bytes(bytes(4 * 1024 * 1024))
    journal = home.open()
    assert journal.head().number == 4
    journal.close()


def test_a_file_size_limit_refuses_a_sale_until_the_next_start(home: Home) -> None:
    """SQLite reports it like a failing disk, at COMMIT: in doubt, so nothing more is written."""
    journal = home.open()
    sell(journal, 5)
    length = home.wal_path.stat().st_size
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (length + 6000, hard))
    try:
        with pytest.raises((DiskFull, DiskTrouble)):
            sell(journal, 2)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    with pytest.raises(DiskTrouble):
        journal.record([sale()]).result()
    journal.close()
    again = home.open()
    assert again.head().number == 6 and sell(again, 2)[-1].number == 8
    again.close()
    home.verify_is_clean()


@needs_strace
@pytest.mark.parametrize(
    "injection,numbers",
    [
        ("fsync,fdatasync:error=EIO", range(1, 18)),
        ("pwrite64:error=EIO", range(1, 60, 4)),
        ("pwrite64:error=ENOSPC", range(1, 60, 4)),
        ("write:error=EIO", range(1, 6)),
    ],
)
def test_a_failing_call_is_never_called_success(tmp_path: Path, injection: str, numbers: range) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.client.journal.failing_disk", str(tmp_path), injection]
        + [str(number) for number in numbers],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
        timeout=120,
    )
    found = json.loads(done.stdout)
    assert found["problems"] == []
    assert found["troubles"] >= len(numbers) // 4, "the faults must hit sales"


def test_a_flush_that_fails_stops_writing_until_the_next_start(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = home.open()
    sell(journal, 1)

    def fail(descriptor: int) -> None:
        raise OSError(5, os.strerror(5))

    with monkeypatch.context() as patch:
        patch.setattr("pos_client.journal.witness.flush", fail)
        with pytest.raises(DiskTrouble) as caught:
            journal.record([sale()]).result()
    assert caught.value.facts["outcome"] == "uncertain"
    with pytest.raises(StorageTrouble):
        journal.record([sale()]).result()
    journal.close()
    again = home.open()
    assert again.head().number == 3, "it was recorded: found at the start"
    sell(again, 1)
    again.close()
    home.verify_is_clean()


def test_many_callers_get_the_same_answer_from_a_full_disk(small_disk: Path) -> None:
    home = Home(small_disk / "w")
    journal = home.open()
    outcomes = []
    with ThreadPoolExecutor(4) as pool:
        for future in [pool.submit(lambda: journal.record([sale()]).result()) for _ in range(1200)]:
            try:
                outcomes.append(future.result()[0].number)
            except DiskFull:
                outcomes.append(0)
    numbers = sorted(number for number in outcomes if number)
    assert 0 in outcomes and numbers == list(range(2, len(numbers) + 2))
    journal.close()
