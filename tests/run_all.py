"""Everything that is checked, in the order in which a failure is cheapest to learn of; types beside tests.

`python3 bootstrap.py test` sets up and calls this; extra arguments go to pytest (and then only pytest
runs). Each step prints its name, its seconds and its verdict; the first failure does not hide the rest.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PYTEST = [sys.executable, "-m", "pytest"]

FIRST: list[tuple[str, list[str]]] = [
    ("lint", [sys.executable, "-m", "ruff", "check", "."]),
    ("format", [sys.executable, "-m", "ruff", "format", "--check", "-q", "."]),
]
TYPES = [sys.executable, "-m", "mypy"]
# One worker more than two cores: tests that wait for a server or a disk leave a sixth of them idle.
TESTS = [*PYTEST, "-n", "3", "--durations=40", "tests"]


def main() -> int:
    os.chdir(ROOT)
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    os.environ["PYTHONPATH"] = str(ROOT)
    # Hundreds of tests start the real programs: each would compile the whole source again.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    if sys.argv[1:]:
        return subprocess.call([*PYTEST, *sys.argv[1:]])
    failed = [name for name, command in FIRST if not run(name, command)]
    with beside("types", TYPES) as types:
        if not run("tests", TESTS):
            failed.append("tests")
    if not types.passed:
        failed.append("types")
    print("\nall steps passed" if not failed else f"\nfailed: {', '.join(failed)}", flush=True)
    return 1 if failed else 0


def run(name: str, command: list[str]) -> bool:
    """Runs one step with its output shown as it comes; True when it passed."""
    print(f"\n=== {name}: {' '.join(command[1:])}", flush=True)
    started = time.monotonic()
    return _verdict(name, subprocess.call(command) == 0, started)


@dataclass
class Beside:
    """A step that runs while another one does; `passed` is known when the block has ended."""

    passed: bool = False


@contextmanager
def beside(name: str, command: list[str]) -> Iterator[Beside]:
    """Runs a step of one core while the block runs, and shows its output after it."""
    step, started = Beside(), time.monotonic()
    with tempfile.TemporaryFile("w+") as output:
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT)
        try:
            yield step
        finally:
            status = process.wait()
            output.seek(0)
            print(f"\n=== {name}: {' '.join(command[1:])}\n{output.read()}", flush=True)
            step.passed = _verdict(name, status == 0, started)


def _verdict(name: str, passed: bool, started: float) -> bool:
    print(f"=== {name}: {'passed' if passed else 'FAILED'} in {time.monotonic() - started:.0f} s", flush=True)
    return passed


if __name__ == "__main__":
    sys.exit(main())
