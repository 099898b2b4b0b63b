"""One instance on a folder, and a reserve for a full disk."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from pos_client.storage.ballast import give_up_ballast, keep_ballast
from pos_client.storage.errors import FileMissing, SecondInstance
from pos_client.storage.instance_lock import InstanceLock

HOLD = """
import sys
from pathlib import Path
from pos_client.storage.instance_lock import InstanceLock
lock = InstanceLock(Path(sys.argv[1]))
print("held", flush=True)
sys.stdin.read()
"""


def test_a_second_instance_in_this_process_is_refused(tmp_path: Path) -> None:
    first = InstanceLock(tmp_path / "lock")
    with pytest.raises(SecondInstance, match="--data"):
        InstanceLock(tmp_path / "lock")
    first.close()
    InstanceLock(tmp_path / "lock").close()


def test_a_second_process_is_refused_until_the_first_dies(tmp_path: Path) -> None:
    child = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path / "lock")], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert child.stdout is not None and child.stdout.readline() == b"held\n"
    with pytest.raises(SecondInstance):
        InstanceLock(tmp_path / "lock")
    child.kill()
    child.communicate()
    InstanceLock(tmp_path / "lock").close()


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileMissing):
        InstanceLock(tmp_path / "nowhere" / "lock")


def test_ballast_takes_real_room_and_gives_it_back(tmp_path: Path) -> None:
    path = tmp_path / "ballast"
    assert keep_ballast(path, size=256 * 1024) and keep_ballast(path, size=256 * 1024)
    assert path.stat().st_blocks * 512 >= 256 * 1024
    assert give_up_ballast(path) and not path.exists() and not give_up_ballast(path)
