"""Records a checkout's life at its system calls, cuts the power at many points, restarts, judges.

python -m tests.client.journal.power_cut FOLDER CUTS SEED        prints one JSON object
python -m tests.client.journal.power_cut --life ROOT             the recorded life itself
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from random import Random

from pos_client.journal.draft import Draft, PersonalFields
from pos_client.journal.journal import WITNESS_KEY
from pos_client.journal.witness import read_witness
from pos_client.storage import writer
from tests.client.journal.checkout import Printed, judge, sell_and_print
from tests.client.journal.disk_trace import CALLS, STRING_MAX, Disk, Op, read_trace
from tests.client.journal.helpers import DAY, FakeClock, Home


def live(root: Path) -> None:
    """First start, sales, an erasure, checkpoints, restarts, once round the ring of the witness."""
    sell_and_print(root, 6, 1, 1)
    home = Home(root, FakeClock(wall_ms=1_795_100_000_000))
    journal = home.open()
    personal = PersonalFields("m1", {"name": "王小明"})
    journal.record([Draft("member_joined", {"member_id": "m1"}, DAY, personal=personal)]).result()
    journal.erase_member("m1").result()
    journal.close()
    writer.CHECKPOINT_WHEN_IDLE, writer.CHECKPOINT_AT_LATEST = 10, 20
    sell_and_print(root, 60, 2, 1)
    sell_and_print(root, 5, 3, 1)


def record(folder: Path) -> list[Op]:
    """Runs `live` in a process of its own under strace."""
    root, trace = folder / "life", folder / "trace"
    subprocess.run(
        ["strace", "-f", "-qq", "-xx", "-s", str(STRING_MAX), "-e", f"trace={CALLS}", "-o", str(trace)]
        + [sys.executable, "-m", "tests.client.journal.power_cut", "--life", str(root)],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    with trace.open(encoding="ascii") as lines:
        return read_trace(lines, str(root))


def main(folder: Path, cuts: int, seed: int) -> dict[str, object]:
    """Cuts at `cuts` points spread over the whole life; lists what must not be."""
    ops = record(folder)
    dice = Random(seed)
    points = Counter(
        min(len(ops), int((turn + dice.random()) * (len(ops) + 1) / cuts)) for turn in range(cuts)
    )
    disk, paper, images, not_printed = Disk(), "", 0, 0
    problems: list[str] = []
    for point in range(len(ops) + 1):
        for _ in range(points[point]):
            images += 1
            image = disk.cut(dice)
            found, ahead = _restart(image, paper)
            not_printed += ahead > 0
            problems += [f"cut before op {point} of {len(ops)}: {one}" for one in found]
        if point < len(ops):
            disk.see(ops[point])
            if ops[point].kind == "print":
                paper += ops[point].data.decode()
    flushes = sum(op.kind == "flush" for op in ops)
    return {
        "images": images,
        "ops": len(ops),
        "flushes": flushes,
        "printed": paper.count("sale "),
        "not_printed": not_printed,
        "problems": problems[:20],
    }


def _restart(image: dict[str, bytes], paper: str) -> tuple[list[str], int]:
    """Writes the disk out (in memory, if the system has such a folder) and starts the workstation on it."""
    fast = "/dev/shm" if Path("/dev/shm").is_dir() else None
    with tempfile.TemporaryDirectory(dir=fast) as name:
        root = Path(name) / "w"
        for path, content in image.items():
            if path.endswith(("-shm", "/ballast")):
                continue
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_bytes(content)
            (root / path).chmod(0o600)
        printed = Printed({})
        printed.add(paper)
        try:
            behind = _witness_behind(root, printed)
            verdict = judge(root, printed)
        except Exception as error:
            return [repr(error)], 0
        found = verdict.problems + behind
        # A document of another type (an erased member's) may stand between two sales unprinted.
        if verdict.not_printed > 2:
            found = [*found, f"{verdict.not_printed} documents were never printed"]
        return found, verdict.not_printed


def _witness_behind(root: Path, printed: Printed) -> list[str]:
    """Whatever was printed is known to the witness too: it must notice when the journal is lost as well."""
    last = max(printed.receipts, default=0)
    if not last:
        return []
    home = Home(root)
    seen = read_witness(home.witness_path, home.keys.get(WITNESS_KEY) or b"").head
    number = 0 if seen is None else seen.number
    return [] if number >= last else [f"{last} was printed, the witness saw {number}"]


if __name__ == "__main__":
    if sys.argv[1] == "--life":
        live(Path(sys.argv[2]))
    else:
        print(json.dumps(main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))))
