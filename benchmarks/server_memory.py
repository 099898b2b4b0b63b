"""Memory of a serving head office at rest: `python -m benchmarks.server_memory`.

The chain has 100,000 items and 130,000 GTINs and its snapshot is built. At rest means: started, its health
asked for a few times, nothing else.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from pathlib import Path

import httpx

from benchmarks.head_office_process import found
from sync_server.store import feed
from tests.server.support.office import STORES
from tests.server.support.process import server_process

GOAL_MB = 150


def fill(data: Path, items: int, gtins: int) -> None:
    """A chain of this size, its snapshot built."""
    office = found(data)
    try:
        office.store.write(lambda txn: feed.put_rows(txn, "store", "chain", STORES))
        office.store.write(lambda txn: feed.put_rows(txn, "item", "chain", map(_item, range(items))))
        office.store.write(
            lambda txn: feed.put_rows(
                txn, "gtin", "chain", ([f"{n:014d}", f"S{n % items:06d}", 1000] for n in range(gtins))
            )
        )
        office.snapshots.build()
    finally:
        office.close()


def _item(number: int) -> list[object]:
    name = f"农夫山泉矿泉水 {number}"
    return [
        f"S{number:06d}", name, "water", name, None, None, "STD", "piece", "瓶", None, None, None, "[]",
        "nongfushanquan", "nfsq", number + 1, 1,
    ]  # fmt: skip


def resident_mb(process_id: int) -> float:
    """Resident memory as the kernel counts it."""
    for line in Path(f"/proc/{process_id}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    raise LookupError(process_id)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=int, default=100_000)
    parser.add_argument("--gtins", type=int, default=130_000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "chain"
        fill(data, options.items, options.gtins)
        rest = []
        for _ in range(options.rounds):
            with server_process(data) as server:
                for _ in range(20):
                    httpx.get(f"{server.url}/v1/health").raise_for_status()
                rest.append(resident_mb(server.process.pid))
        size = os.path.getsize(data / "head_office.db") / 1e6
    verdict = "within" if max(rest) <= GOAL_MB else "ABOVE"
    figures = ", ".join(f"{each:.0f}" for each in rest)
    print(
        f"server at rest, {size:.0f} MB database: {figures} MB resident; {verdict} the goal of {GOAL_MB} MB"
    )


if __name__ == "__main__":
    main()
