"""Replays real baskets through real workstations and a real server, and compares to the cent.

    python -m benchmarks.real_data.replay --stores 25 --baskets 2000
    python -m benchmarks.real_data.replay --whole-year

Workstations are processes' worth of services (journal, replica, keys, sync) on files of their own; the
server runs in another process behind loopback HTTP. Both follow one simulated clock through 2017. Stores
are replayed in groups, each group through the whole time, so that disk and memory stay bounded. With
`--resume FOLDER` a replay that was ended goes on when it is started again.
"""

from __future__ import annotations

import argparse
import json
import logging
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from itertools import groupby
from pathlib import Path
from typing import Any

import structlog

from benchmarks.real_data import compare
from benchmarks.real_data.campaigns import coupons_of
from benchmarks.real_data.chain_files import CHAIN_NAME, CURRENCY, store_code, write_chain
from benchmarks.real_data.clock import SharedClock
from benchmarks.real_data.dataset import Slice
from benchmarks.real_data.outages import HOUR_MS, outages_of
from benchmarks.real_data.server_process import server
from benchmarks.real_data.slices import small_slice, whole_year
from benchmarks.real_data.till import Till
from pos_client.storage.durable import replace_durably
from sync_server.bootstrap import open_head_office
from sync_server.head_office import HeadOffice
from sync_server.services.chain import found_chain
from sync_server.services.data_folder import DataFolder
from sync_server.services.importing import ImportOptions, ImportTarget, import_file
from sync_server.services.publish import Publisher

BEFORE_THE_YEAR_MS = 1_483_142_400_000  # 2016-12-31T00:00Z: import, release, enrolment
GROUP = 24
Progress = Callable[[str], None]


@dataclass(slots=True)
class Figures:
    """What a replay did and found; `differences` is empty when head office has every basket, to the cent."""

    stores: int = 0
    workstations_with_outages: int = 0
    baskets: int = 0
    lines: int = 0
    lines_quantity_zero: int = 0
    lines_fuel: int = 0
    lines_unknown_product: int = 0
    lines_below_zero: int = 0
    net_minor: int = 0
    sold_while_away: int = 0
    documents_waiting_most: int = 0
    import_seconds: float = 0.0
    sell_seconds: float = 0.0
    sync_seconds: float = 0.0
    compare_seconds: float = 0.0
    server_bytes: int = 0
    differences: list[str] = field(default_factory=list)


class Replay:
    """One replay in one folder."""

    def __init__(
        self,
        folder: Path,
        part: Slice,
        *,
        seed: int,
        away_percent: int,
        progress: Progress,
        exchange_hours: int = 0,
        costs: bool = False,
    ) -> None:
        self._folder = folder
        self._part = part
        self._costs = costs
        self._seed = seed
        self._away_percent = away_percent
        self._progress = progress
        self._exchange_every_ms = exchange_hours * HOUR_MS
        self._clock = SharedClock(folder / "clock")
        self._notes = folder / "progress.json"
        self._coupons = coupons_of(part)
        self.figures = Figures(stores=len(part.store_ids), baskets=part.basket_count, lines=part.lines.height)

    def run(self) -> Figures:
        """Imports, replays group after group, compares."""
        lines = self._part.lines
        done = self._resumed()
        figures = self.figures
        figures.lines_quantity_zero = int((lines["quantity"] == 0).sum())
        figures.lines_fuel = int((lines["quantity"] > 100).sum())
        figures.lines_unknown_product = int((~lines["known"]).sum())
        figures.lines_below_zero = int((lines["net_minor"] < 0).sum())
        figures.net_minor = int(lines["net_minor"].sum())
        if done is None:
            self._clock.move_to(BEFORE_THE_YEAR_MS)
            office, done = self._found(), 0
            self._note(done)
        else:
            office = open_head_office(self._folder / "hq", clock=self._clock)
        try:
            with server(self._folder / "hq", self._folder / "clock") as url:
                stores = self._part.store_ids
                for start in range(done, len(stores), GROUP):
                    self._group(office, url, stores[start : start + GROUP], start)
                    self._note(start + GROUP)
                    shutil.rmtree(self._folder / "tills")
            self._compare(office)
        finally:
            office.close()
            self._clock.close()
        return figures

    def _resumed(self) -> int | None:
        """How many stores an earlier run has finished; None: nothing was begun, or not even the import."""
        if not self._notes.exists():
            for each in ("hq", "files", "tills"):
                shutil.rmtree(self._folder / each, ignore_errors=True)
            return None
        noted = json.loads(self._notes.read_text("utf-8"))
        self.figures = Figures(**noted["figures"])
        return int(noted["stores_done"])

    def _note(self, stores_done: int) -> None:
        noted = {"stores_done": stores_done, "figures": asdict(self.figures)}
        replace_durably(self._notes, json.dumps(noted, ensure_ascii=False).encode())

    def _found(self) -> HeadOffice:
        """The chain, imported through the same imports and published like any other."""
        begun = time.perf_counter()
        data = self._folder / "hq"
        found_chain(
            DataFolder(data), chain_name=CHAIN_NAME, currency=CURRENCY, clock=self._clock, hosts=["localhost"]
        )
        office = open_head_office(data, clock=self._clock)
        files = self._folder / "files"
        files.mkdir()
        target = ImportTarget(office.store, office.keys, self._clock.now_ms())
        for kind, path in write_chain(files, self._part, costs=self._costs):
            self._progress(f"import {kind}")
            report = import_file(target, kind, path, ImportOptions(all_or_nothing=True))
            assert report.rejected == 0, report.problems[:3]
        self._progress("publish")
        Publisher(office.store, office.releases, self._clock).publish(note="replay")
        self._progress("snapshot")
        office.snapshots.build()
        self.figures.import_seconds = round(time.perf_counter() - begun, 1)
        return office

    def _group(self, office: HeadOffice, url: str, store_ids: list[int], done: int) -> None:
        if not (self._folder / "tills" / str(store_ids[0])).exists():
            self._clock.move_to(BEFORE_THE_YEAR_MS)
        tills = {store_id: self._till(office, url, store_id) for store_id in store_ids}
        name = f"stores {done + 1}-{done + len(tills)}"
        begun = time.perf_counter()
        for number, basket in enumerate(self._baskets(store_ids)):
            self._clock.move_to(max(self._clock.now_ms(), int(basket[0]["at"])))
            tills[basket[0]["store_id"]].sell(basket, self._coupons.get(basket[0]["basket_id"], ()))
            if number % 200 == 0:
                self._progress(
                    f"stores {done + 1}-{done + len(tills)}: {number} baskets, day {basket[0]['day']}"
                )
        sold = time.perf_counter()
        self._progress(f"{name}: sync")
        for till in tills.values():
            till.sync()
        self.figures.sell_seconds = round(self.figures.sell_seconds + sold - begun, 1)
        self.figures.sync_seconds = round(self.figures.sync_seconds + time.perf_counter() - sold, 1)
        self._finish(office, list(tills.values()))

    def _till(self, office: HeadOffice, url: str, store_id: int) -> Till:
        self._progress(f"workstation of store {store_id}")

        def new_code() -> str:
            return office.enrolment.new_code(store_code(store_id), minutes=60, ca_fingerprint=None).code

        folder = self._folder / "tills" / str(store_id)
        till = Till(folder, url, new_code, store_id=store_id, clock=self._clock)
        till.begin()
        at = self._part.lines["at"]
        till.outages = outages_of(
            self._seed, store_id, _whole(at.min()), _whole(at.max()), share_percent=self._away_percent
        )
        till.exchange_every_ms = self._exchange_every_ms
        self.figures.workstations_with_outages += bool(till.outages)
        return till

    def _baskets(self, store_ids: list[int]) -> Iterator[list[dict[str, Any]]]:
        own = self._part.lines.filter(self._part.lines["store_id"].is_in(store_ids))
        rows = own.iter_rows(named=True)
        return (list(group) for _, group in groupby(rows, key=lambda row: row["basket_id"]))

    def _finish(self, office: HeadOffice, tills: list[Till]) -> None:
        begun = time.perf_counter()
        for till in tills:
            self.figures.sold_while_away += till.sold_away
            self.figures.documents_waiting_most = max(self.figures.documents_waiting_most, till.waiting_most)
            till.close()
        self._progress("digests and chains")
        self.figures.differences += self._digest_differences(office, tills)
        for till in tills:
            self.figures.differences += [f"store {till.store_id}: {found}" for found in till.verified()]
        self.figures.compare_seconds = round(self.figures.compare_seconds + time.perf_counter() - begun, 1)

    def _digest_differences(self, office: HeadOffice, tills: list[Till]) -> list[str]:
        """What still differs after one exchange more.

        Head office's timers go on by the real clock: the age of the neighbours' stock, for one, may be
        written anew after a workstation's last exchange and before its rows are compared.
        """
        behind = {fault.store_id for fault in compare.digest_differences(office, tills)}
        again = [till for till in tills if till.store_id in behind]
        for till in again:
            self._progress(f"store {till.store_id}: one exchange more")
            till.exchange_again()
        return [str(fault) for fault in compare.digest_differences(office, again)]

    def _compare(self, office: HeadOffice) -> None:
        begun = time.perf_counter()
        self._progress("compare with the data set")
        self.figures.differences += compare.store_week_differences(office, self._part)
        self.figures.differences += compare.balance_differences(office, self._part)
        self.figures.differences += compare.basket_differences(office, self._part)
        self.figures.differences += compare.head_office_differences(office)
        self.figures.server_bytes = compare.size_of(self._folder / "hq")
        self.figures.compare_seconds = round(self.figures.compare_seconds + time.perf_counter() - begun, 1)


@contextmanager
def _working(kept: Path | None, within: Path | None) -> Iterator[Path]:
    """The folder to work in: one that stays, or one that goes."""
    if kept is not None:
        yield kept
        return
    with tempfile.TemporaryDirectory(prefix="tidemark-replay-", dir=within) as folder:
        yield Path(folder)


def _whole(value: Any) -> int:
    """A polars minimum as an integer."""
    return int(value)


def main() -> int:
    """Exit status 1 when anything differs."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--stores", type=int, default=25)
    parser.add_argument("--baskets", type=int, default=2000)
    parser.add_argument("--whole-year", action="store_true", help="every store and basket")
    parser.add_argument("--whole-catalog", action="store_true", help="every product, also in a slice")
    parser.add_argument("--away", type=int, default=40, metavar="PERCENT", help="stores with outages")
    parser.add_argument(
        "--exchange-hours",
        type=int,
        default=0,
        metavar="HOURS",
        help="simulated hours between exchanges of stores with network; 0: each sale is pushed at once",
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--folder", type=Path, help="where to work; default: a temporary folder")
    parser.add_argument("--resume", type=Path, metavar="FOLDER", help="work here, go on from what is here")
    arguments = parser.parse_args()
    part = whole_year() if arguments.whole_year else small_slice(arguments.stores, arguments.baskets)
    if arguments.whole_catalog:
        part = replace(part, whole_catalog=True)

    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))

    def show(text: str) -> None:
        print(time.strftime("[%H:%M:%S]"), text, file=sys.stderr, flush=True)

    for each in (arguments.folder, arguments.resume):
        if each is not None:
            each.mkdir(parents=True, exist_ok=True)
    with _working(arguments.resume, arguments.folder) as folder:
        figures = Replay(
            folder,
            part,
            seed=arguments.seed,
            away_percent=arguments.away,
            progress=show,
            exchange_hours=arguments.exchange_hours,
        ).run()
    print(json.dumps(asdict(figures), indent=1, ensure_ascii=False))
    return 1 if figures.differences else 0


if __name__ == "__main__":
    sys.exit(main())
