"""A checkout killed at any system call keeps every printed sale (P1, P3, P4, P5, P20).

`TIDEMARK_KILLS` sets the number (default 120; the long campaign uses 1,000).
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

KILLS = int(os.environ.get("TIDEMARK_KILLS", "120"))
PARTS = 2
ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace aims the kills")
@pytest.mark.parametrize("part", range(PARTS))
def test_no_kill_loses_a_printed_sale(tmp_path: Path, part: int) -> None:
    """The kills must hit: most of them in time, and some between COMMIT and the printer."""
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "tests.client.journal.killing_ground",
            str(tmp_path),
            str(KILLS // PARTS),
            str(part),
        ],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
        timeout=30 + KILLS,
    )
    found = json.loads(done.stdout)
    assert found["problems"] == []
    assert found["kills"] + found["survived"] == KILLS // PARTS
    assert found["kills"] > found["survived"] and found["not_printed"] > 0, found
