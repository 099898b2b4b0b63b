"""The checkout's figures in one command: start, scan in the services, scan in the window.

    python -m benchmarks.checkout [--data DIR]

Makes the reference workstation once (100,000 items, 130,000 GTINs, 500 promotions in the release; kept in DIR
when given, and used again), then runs the three as processes of their own. Exit code 1 when a goal is missed.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--data", type=Path)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        data: Path = arguments.data or Path(folder) / "reference"
        if not (data / "workstation.json").exists():
            print("making the reference workstation …", flush=True)
            subprocess.check_call([sys.executable, "-m", "benchmarks.reference_workstation", str(data)])
        return max(run(name, data) for name in ("start", "scan", "window"))


def run(name: str, data: Path) -> int:
    print(f"benchmarks.{name}", flush=True)
    return subprocess.call([sys.executable, "-m", f"benchmarks.{name}", "--data", str(data)])


if __name__ == "__main__":
    sys.exit(main())
