"""Everything that is checked, in the order in which a failure is cheapest to learn of.

`python3 bootstrap.py test` sets up and calls this; extra arguments go to pytest (and then only pytest
runs). Each step prints its name, its seconds and its verdict; the first failure does not hide the rest.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PYTEST = [sys.executable, "-m", "pytest"]

STEPS: list[tuple[str, list[str]]] = [
    ("lint", [sys.executable, "-m", "ruff", "check", "."]),
    ("format", [sys.executable, "-m", "ruff", "format", "--check", "-q", "."]),
    ("types", [sys.executable, "-m", "mypy"]),
    ("tests", [*PYTEST, "-n", "2", "--durations=15", "tests"]),
]


def main() -> int:
    os.chdir(ROOT)
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    os.environ["PYTHONPATH"] = str(ROOT)
    if sys.argv[1:]:
        return subprocess.call([*PYTEST, *sys.argv[1:]])
    failed = [name for name, command in STEPS if not run(name, command)]
    print("\nall steps passed" if not failed else f"\nfailed: {', '.join(failed)}", flush=True)
    return 1 if failed else 0


def run(name: str, command: list[str]) -> bool:
    """Runs one step with its output shown as it comes; True when it passed."""
    print(f"\n=== {name}: {' '.join(command[1:])}", flush=True)
    started = time.monotonic()
    passed = subprocess.call(command) == 0
    print(f"=== {name}: {'passed' if passed else 'FAILED'} in {time.monotonic() - started:.0f} s", flush=True)
    return passed


if __name__ == "__main__":
    sys.exit(main())
