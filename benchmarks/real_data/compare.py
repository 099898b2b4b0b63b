"""Head office against the data set: per store and week to the cent, and every chain, digest and balance."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
from sqlalchemy import text

from benchmarks.real_data.chain_files import store_code
from benchmarks.real_data.dataset import Slice, expected_totals
from benchmarks.real_data.till import Till
from pos_client.keys.key_store import FileKeyStore
from pos_client.replica.replica import Replica
from sync_server.head_office import HeadOffice
from sync_server.services.verify import Verify
from sync_server.store import feed

FIGURES = ("transactions", "lines", "quantity_milli", "list_minor", "discount_minor", "net_minor")
_WEEK_2 = date(2017, 1, 2)

_TRANSACTIONS = """
SELECT store_id, business_day, count(*), sum(line_count), sum(subtotal_minor), sum(discount_minor),
       sum(total_minor)
FROM c_transaction_total GROUP BY store_id, business_day
"""
_LINES = """
SELECT store_id, business_day, count(*), sum(quantity_milli), sum(list_minor), sum(discount_minor),
       sum(net_minor)
FROM c_line GROUP BY store_id, business_day
"""
_TENDERS = "SELECT coalesce(sum(amount_minor - change_minor), 0) FROM c_tender"
_STOCK = "SELECT coalesce(sum(quantity_milli), 0) FROM c_stock_movement"
_QUARANTINED = "SELECT count(*) FROM quarantine"


def week_of(day: str) -> int:
    """The data set's week of a business day: week 2 begins on Monday 2 January 2017."""
    return (date.fromisoformat(day) - _WEEK_2).days // 7 + 2


def store_week_differences(office: HeadOffice, part: Slice) -> list[str]:
    """Every store and week whose figures at head office are not the data set's; empty when all are."""
    expected = {
        (store_code(row["store_id"]), row["week"]): tuple(row[name] for name in FIGURES)
        for row in expected_totals(part).iter_rows(named=True)
    }
    found, faults = _found(office)
    return faults + [
        f"{store_id} week {week}: expected {expected.get((store_id, week))}, "
        f"found {found.get((store_id, week))}"
        for store_id, week in sorted(expected.keys() | found.keys())
        if expected.get((store_id, week)) != found.get((store_id, week))
    ]


def _found(office: HeadOffice) -> tuple[dict[tuple[str, int], tuple[int, ...]], list[str]]:
    """Figures by store and week from head office's views; lines and transactions must agree there too."""
    by_line: dict[tuple[str, int], list[int]] = {}
    by_sale: dict[tuple[str, int], list[int]] = {}

    def read(txn: Any) -> None:
        for target, statement in ((by_sale, _TRANSACTIONS), (by_line, _LINES)):
            for store_id, day, *figures in txn.execute(text(statement)):
                sums = target.setdefault((store_id, week_of(day)), [0] * len(figures))
                for place, figure in enumerate(figures):
                    sums[place] += int(figure)

    office.store.read(read)
    faults: list[str] = []
    found: dict[tuple[str, int], tuple[int, ...]] = {}
    for key in by_sale.keys() | by_line.keys():
        count, line_count, subtotal, discount, total = by_sale.get(key, [0] * 5)
        lines, quantity, listed, line_discount, net = by_line.get(key, [0] * 5)
        if (line_count, subtotal, discount, total) != (lines, listed, line_discount, net):
            faults.append(f"{key}: transactions and lines disagree at head office")
        found[key] = (count, lines, quantity, listed, discount, net)
    return found, faults


def balance_differences(office: HeadOffice, part: Slice) -> list[str]:
    """Money taken equals money sold; stock moved equals goods sold; nothing is in quarantine."""
    net, quantity = int(part.lines["net_minor"].sum()), int(part.lines["quantity"].sum()) * 1000
    wanted = {_TENDERS: net, _STOCK: -quantity, _QUARANTINED: 0}

    def read(txn: Any) -> list[str]:
        found = {statement: int(txn.execute(text(statement)).scalar_one()) for statement in wanted}
        return [f"{s}: expected {wanted[s]}, found {found[s]}" for s in wanted if found[s] != wanted[s]]

    return office.store.read(read)


def basket_differences(office: HeadOffice, part: Slice) -> list[str]:
    """Each basket exactly once, by the number that its document carries."""
    wanted = set(part.lines["basket_id"].unique().cast(pl.String).to_list())
    seen: dict[str, int] = {}

    def read(txn: Any) -> None:
        for (data,) in txn.execute(text("SELECT data FROM document WHERE type = 'sale'")):
            reference = json.loads(data)["body"]["external_ref"]
            seen[reference] = seen.get(reference, 0) + 1

    office.store.read(read)
    doubled = sorted(reference for reference, count in seen.items() if count > 1)
    lost, strange = sorted(wanted - seen.keys()), sorted(seen.keys() - wanted)
    return [
        f"baskets {word}: {len(which)}, e.g. {which[:3]}"
        for word, which in (("twice", doubled), ("lost", lost), ("strange", strange))
        if which
    ]


@dataclass(frozen=True, slots=True)
class ScopeDiffers:
    """Rows of one scope that a workstation holds otherwise than head office."""

    store_id: int
    scope: str

    def __str__(self) -> str:
        return f"store {self.store_id}: {self.scope} differs"


def digest_differences(office: HeadOffice, tills: Iterable[Till]) -> list[ScopeDiffers]:
    """Each closed workstation's replica, row by row anew, against head office's rows of its scopes."""
    faults = []
    for till in tills:
        keys = FileKeyStore(till.folder / "keys")
        replica = Replica.open(till.folder / "replica.db", keys, store_id=till.identity.store_id)
        try:
            for scope in replica.scopes():
                theirs = office.store.read(lambda txn, scope=scope: feed.digests(txn, scope))  # type: ignore[misc]
                ours = {kind: list(value) for kind, value in replica.digests(scope, recompute=True).items()}
                if ours != {kind: value for kind, value in theirs.items() if value[0]}:
                    faults.append(ScopeDiffers(till.store_id, scope))
        finally:
            replica.close()
    return faults


def head_office_differences(office: HeadOffice) -> list[str]:
    """Head office's own check of its copy of every chain, of its feed and of its releases."""
    report = Verify(office.store, office.blobs, office.keys).run()
    return [f"head office: {problem}" for problem in report.problems]


def size_of(folder: Path) -> int:
    """Bytes of all files below a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
