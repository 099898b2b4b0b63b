"""The README's first command once all is set up: a chain, a server, a window that sells off screen."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_it_founds_serves_enrols_and_sells(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "demo.py", "--offscreen", "--data", tmp_path],
        cwd=ROOT,
        env=os.environ | {"QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert "is in the journal" in done.stdout
    assert len(list((tmp_path / "screenshots").glob("*.png"))) >= 7
