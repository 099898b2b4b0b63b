"""From starting the process to the sign-on screen painted, and the memory of the workstation then.

    python -m benchmarks.start --data DIR --key-dir DIR [--rounds 7]

Each round is a fresh process on the data folder of an enrolled workstation. The clock starts before the
process is spawned (the monotonic clock is the machine's) and stops when the sign-on screen was painted.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path

GOAL_SECONDS, GOAL_MB = 1.5, 250


def child(data: Path, key_dir: Path | None) -> int:
    """Opens the workstation and the window as the program does, then says when it was painted."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from pos_client import bootstrap
    from pos_client.storage.places import find_places
    from pos_client.ui.app import WindowOptions, application, build_window

    places = find_places(data, None, key_dir)
    bootstrap.configure_logging(places.data)
    app = application()
    workstation = bootstrap.open_workstation(bootstrap.Options(places))
    window = build_window(workstation, WindowOptions(size=(1366, 768)))
    window.show()
    app.processEvents()
    painted = time.monotonic()
    said = {"painted": painted, "front": window.front, "memory_mb": _resident_mb()}
    sys.stdout.write(json.dumps(said) + "\n")
    window.close()
    workstation.close()
    return 0


def _resident_mb() -> int:
    for line in Path("/proc/self/status").read_text("ascii").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) // 1024
    return 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--key-dir", type=Path)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.child:
        return child(arguments.data, arguments.key_dir)
    command = [sys.executable, "-m", "benchmarks.start", "--child", "--data", str(arguments.data)]
    command += ["--key-dir", str(arguments.key_dir)] if arguments.key_dir else []
    seconds, memory = [], []
    for _ in range(arguments.rounds):
        start = time.monotonic()
        said = json.loads(subprocess.check_output(command).splitlines()[-1])
        assert said["front"] == "sign_on", said
        seconds.append(said["painted"] - start)
        memory.append(said["memory_mb"])
    middle = sorted(seconds)[len(seconds) // 2]
    figures = {
        "start_to_sign_on_s": {
            "median": round(middle, 3),
            "least": round(min(seconds), 3),
            "most": round(max(seconds), 3),
        },
        "memory_mb": max(memory),
    }
    print(json.dumps(figures, indent=1))
    return 0 if middle <= GOAL_SECONDS and max(memory) <= GOAL_MB else 1


if __name__ == "__main__":
    sys.exit(main())
