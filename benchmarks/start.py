"""From starting the process to the sign-on screen painted, and the memory of the workstation then.

    python -m benchmarks.start [--data DIR] [--rounds 7]

Each round is a fresh process of the product on the reference workstation (made in a temporary folder without
--data). The clock starts before the process is spawned (the monotonic clock is the machine's) and stops when
the sign-on screen was painted; the memory is read when sync and the promotions have been loaded too. The
yardstick, interleaved: a fresh process that shows a bare `QApplication` with one `QLabel`. Both run compiled
modules, as an installed program does (a folder of its own takes them: an environment that forbids writing
them would measure the compiler). On a machine that does other work too the processor time says more than the
clock.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

GOAL_SECONDS, GOAL_MB = 1.5, 250


def child(data: Path) -> int:
    """Opens the workstation and the window as the program does, then says when it was painted."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from pos_client.collector import quieten

    quieten()  # as `python -m pos_client` does
    from pos_client import bootstrap
    from pos_client.log import configure_logging
    from pos_client.storage.places import Places
    from pos_client.ui.app import WindowOptions, application, build_window

    places = Places(data, data / "witness" / "w", data / "keys")
    configure_logging(places.data)
    app = application()
    workstation = bootstrap.open_workstation(bootstrap.Options(places, live=False))
    window = build_window(workstation, WindowOptions(size=(1366, 768)))
    window.show()
    app.processEvents()
    painted, processor = time.monotonic(), time.process_time()
    workstation.go_live()
    workstation.sync.now().result(30)
    workstation.ring_up._counter.rule_sets.of(1)
    said = {"painted": painted, "processor": processor, "front": window.front, "memory_mb": _resident_mb()}
    sys.stdout.write(json.dumps(said) + "\n")
    window.close()
    workstation.close()
    return 0


def bare() -> int:
    """The yardstick."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PySide6.QtWidgets import QApplication, QLabel

    app = QApplication([])
    label = QLabel("Tidemark")
    label.resize(1366, 768)
    label.show()
    app.processEvents()
    sys.stdout.write(json.dumps({"painted": time.monotonic(), "processor": time.process_time()}) + "\n")
    return 0


def _resident_mb() -> int:
    for line in Path("/proc/self/status").read_text("ascii").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) // 1024
    return 0


def run(compiled: Path, *arguments: str) -> tuple[float, dict[str, Any]]:
    """Seconds from before the process to painted, and what it said."""
    environment = {**os.environ, "PYTHONPYCACHEPREFIX": str(compiled)}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    start = time.monotonic()
    output = subprocess.check_output([sys.executable, "-m", "benchmarks.start", *arguments], env=environment)
    said: dict[str, Any] = json.loads(output.splitlines()[-1])
    return said["painted"] - start, said


def spread(seconds: list[float]) -> dict[str, float]:
    return {
        "median": round(statistics.median(seconds), 3),
        "least": round(min(seconds), 3),
        "most": round(max(seconds), 3),
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--bare", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.bare:
        return bare()
    if arguments.child:
        return child(arguments.data)
    with tempfile.TemporaryDirectory() as folder:
        if arguments.data is None:
            from benchmarks.reference_workstation import make

            arguments.data = Path(folder)
            make(arguments.data)
        return measure(arguments.data, Path(folder) / "compiled", arguments.rounds)


def measure(data: Path, compiled: Path, rounds: int) -> int:
    ours: list[float] = []
    plain: list[float] = []
    worked: list[float] = []
    worked_plain: list[float] = []
    memory: list[int] = []
    for kind in (("--child", "--data", str(data)), ("--bare",)):
        run(compiled, *kind)  # a first start: modules are compiled, and the disk's cache is warm from here on
    for _ in range(rounds):
        seconds, said = run(compiled, "--child", "--data", str(data))
        assert said["front"] == "sign_on", said
        ours.append(seconds)
        worked.append(said["processor"])
        memory.append(said["memory_mb"])
        seconds, said = run(compiled, "--bare")
        plain.append(seconds)
        worked_plain.append(said["processor"])
    figures = {
        "start_to_sign_on_s": spread(ours),
        "of_it_processor_time_s": spread(worked),
        "bare_qt_window_s": spread(plain),
        "bare_qt_window_processor_time_s": spread(worked_plain),
        "ratio_of_medians": round(statistics.median(ours) / statistics.median(plain), 2),
        "memory_mb": max(memory),
    }
    print(json.dumps(figures, indent=1))
    kept = statistics.median(ours) <= GOAL_SECONDS and max(memory) <= GOAL_MB
    print(f"goals {'kept' if kept else 'MISSED'}: median ≤ {GOAL_SECONDS} s, memory ≤ {GOAL_MB} MB")
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
