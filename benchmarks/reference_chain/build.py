"""Building the reference chain: real imports, real pushes, and the jobs that a serving head office runs."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from benchmarks.head_office_process import SystemClock
from benchmarks.reference_chain.in_hand import put_in_hand
from benchmarks.reference_chain.masters import write_masters
from benchmarks.reference_chain.sales import Sales
from sync_server.bootstrap import open_head_office
from sync_server.head_office import HeadOffice
from sync_server.services.chain import found_chain
from sync_server.services.data_folder import DataFolder
from sync_server.services.importing import ImportOptions, ImportTarget, import_file
from sync_server.services.sales_sums import SalesSums

Progress = Callable[[str], None]
PARTS_AT_ONCE = 50


@dataclass(frozen=True, slots=True)
class Size:
    """How large the chain is; `lines` of sales over ninety days."""

    stores: int = 300
    items: int = 100_000
    members: int = 1_300_000
    lines: int = 5_000_000


def build(data: Path, size: Size, *, database_url: str | None, tell: Progress) -> HeadOffice:
    """A new chain of this size in `data`."""
    found_chain(
        DataFolder(data),
        chain_name="Reference",
        currency="CNY",
        clock=SystemClock(),
        hosts=["localhost"],
        **({"database_url": database_url} if database_url else {}),
    )
    office = open_head_office(data, database_url=database_url)
    office.store.engine.start_background()
    _masters(office, size, tell)
    _timed(tell, "release published", lambda: office.publisher.publish(note="reference"))
    sales = Sales(office, stores=size.stores, items=size.items, members=size.members)
    started = time.perf_counter()
    for lines in sales.fill(size.lines):
        rate = sales.documents / (time.perf_counter() - started)
        tell(f"{lines:,} lines in {sales.documents:,} documents, {rate:.0f} documents a second")
    _timed(tell, "work in hand", lambda: put_in_hand(office, sales, size.items, tell))
    sums = SalesSums(office.store, office.clock)
    _timed(tell, "sums gathered", lambda: _until_done(sums))
    _timed(tell, "stock packed for other stores", lambda: office.nearby_stock.refresh(lambda: True))
    _timed(tell, "stores' days", lambda: office.store_days.refresh(lambda: True))
    return office


def _masters(office: HeadOffice, size: Size, tell: Progress) -> None:
    target = ImportTarget(office.store, office.keys, office.clock.now_ms())
    with tempfile.TemporaryDirectory() as folder:
        for kind, path in write_masters(
            Path(folder), stores=size.stores, items=size.items, members=size.members
        ):
            started = time.perf_counter()
            report = import_file(target, kind, path, ImportOptions(actor="benchmark"))
            assert report.rejected == 0, report.problems[:3]
            tell(f"{kind}: {report.valid:,} rows in {time.perf_counter() - started:.1f} s")


def _until_done(sums: SalesSums) -> None:
    while sums.gather(PARTS_AT_ONCE):
        pass


def _timed(tell: Progress, what: str, job: Callable[[], object]) -> None:
    started = time.perf_counter()
    job()
    tell(f"{what} in {time.perf_counter() - started:.1f} s")
