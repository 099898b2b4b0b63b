"""How fast the console's pages are at a chain of 300 stores, 100,000 items, 1.3 million members.

    python -m benchmarks.reference_chain [--lines 5000000] [--data DIR] [--rounds 5]
                                         [--database postgresql://…]

Builds the chain in `--data` (a folder of its own when none is named, thrown away afterwards) unless one is
there: so many lines of sales in ninety days, and what head office has in hand (a draft of every price,
promotions, a campaign, a replay, rulings, orders). Then asks each page of the console, and what the pages
lead to, over loopback HTTP from a server in another process. Prints the slowest first: the times, and bytes.
50 million lines: `--lines 50000000`, with ten times the disk. Goal: any page within 300 ms. Files to take
away are not pages.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.head_office_process import running
from benchmarks.reference_chain import pages
from benchmarks.reference_chain.build import Size, build
from benchmarks.report import spread
from sync_server.bootstrap import open_head_office

GOAL_MS = 300.0
BUILT = "reference_chain.json"
SHOWN = 15


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    arguments.add_argument("--data", type=Path)
    arguments.add_argument("--database")
    arguments.add_argument("--rounds", type=int, default=5)
    for name in ("stores", "items", "members", "lines"):
        arguments.add_argument(f"--{name}", type=int, default=getattr(Size(), name))
    options = arguments.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        data = options.data or Path(temporary) / "office"
        if not (data / BUILT).exists():
            _build(data, options)
        print((data / BUILT).read_text())
        _ask(data, options.database, options.rounds)


def _build(data: Path, options: argparse.Namespace) -> None:
    began = time.perf_counter()
    size = Size(options.stores, options.items, options.members, options.lines)

    def tell(text: str) -> None:
        print(f"  [{time.perf_counter() - began:6.0f} s] {text}", file=sys.stderr, flush=True)

    office = build(data, size, database_url=options.database, tell=tell)
    office.close()
    told = {
        "stores": size.stores,
        "items": size.items,
        "members": size.members,
        "lines": size.lines,
        "built_s": round(time.perf_counter() - began),
        "folder_mib": sum(file.stat().st_size for file in data.rglob("*") if file.is_file()) >> 20,
    }
    (data / BUILT).write_text(json.dumps(told))


def _ask(data: Path, database: str | None, rounds: int) -> None:
    office = open_head_office(data, database_url=database)
    token = pages.session(office)
    addresses = pages.pages(pages.examples(office))
    office.close()
    with running(data, database) as url:
        asked = pages.ask(url, token, addresses, rounds)
    slowest = sorted(asked, key=lambda one: -max(one.ms))
    print(f"{len(asked)} pages, {rounds} times each, load of the machine {os.getloadavg()[0]:.1f}")
    for one in slowest[:SHOWN]:
        print(
            f"  {spread(one.ms, unit='ms', digits=0):24} {one.length >> 10:5} KiB  {one.status}  {one.path}"
        )
    above = [one for one in asked if max(one.ms) > GOAL_MS]
    wrong = [one.path for one in asked if one.status != 200]
    print(f"  {len(above)} above the goal of {GOAL_MS:g} ms; not answered with 200: {wrong}")


if __name__ == "__main__":
    main()
