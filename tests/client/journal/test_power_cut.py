"""Whatever a power cut leaves on the disk, every printed sale is found again (P1, P3, P4, P5, P20).

`TIDEMARK_CUTS` sets the number of disk images (default 1,000; the long campaign uses 10,000).
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from random import Random

import pytest

from tests.client.journal.disk_trace import Disk, Op

CUTS = int(os.environ.get("TIDEMARK_CUTS", "1000"))
PARTS = 2
ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace records the writes")
@pytest.mark.parametrize("part", range(PARTS))
def test_no_power_cut_loses_a_printed_sale(tmp_path: Path, part: int) -> None:
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "tests.client.journal.power_cut",
            str(tmp_path),
            str(CUTS // PARTS),
            str(part),
        ],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
        timeout=60 + CUTS,
    )
    found = json.loads(done.stdout)
    assert found["problems"] == []
    assert found["images"] == CUTS // PARTS and found["printed"] == 71
    assert found["flushes"] > 150 and found["not_printed"] > 0, found


def _disk(*ops: Op) -> Disk:
    disk = Disk()
    for op in ops:
        disk.see(op)
    return disk


def _cuts(disk: Disk) -> list[dict[str, bytes]]:
    return [disk.cut(Random(seed)) for seed in range(300)]


WRITTEN = (Op("create", 0, "f"), Op("flush_folder", name=""), Op("write", 0, data=b"a" * 1024))


def test_the_model_loses_what_was_not_flushed() -> None:
    found = {image["f"] for image in _cuts(_disk(*WRITTEN))}
    assert {b"", b"a" * 512, b"a" * 1024, bytes(512) + b"a" * 512} == found


def test_the_model_keeps_what_was_flushed() -> None:
    assert {image["f"] for image in _cuts(_disk(*WRITTEN, Op("flush", 0)))} == {b"a" * 1024}


def test_the_model_loses_names_before_their_folder_is_flushed() -> None:
    renamed = (*WRITTEN, Op("flush", 0), Op("rename", 0, "f", "g"))
    assert {tuple(image) for image in _cuts(_disk(*renamed))} == {("f",), ("g",)}
    assert {tuple(image) for image in _cuts(_disk(*renamed, Op("flush_folder", name="")))} == {("g",)}
    deleted = (*WRITTEN, Op("unlink", 0, "f"))
    assert {tuple(image) for image in _cuts(_disk(*deleted))} == {("f",), ()}


def test_the_model_may_undo_a_truncation() -> None:
    cut = (*WRITTEN, Op("flush", 0), Op("truncate", 0, place=10))
    assert {len(image["f"]) for image in _cuts(_disk(*cut))} == {10, 1024}
