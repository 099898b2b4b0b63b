"""Stores around each other, and corrections that put goods on their shelves."""

from __future__ import annotations

from typing import Any

from pos_core.sync.document import document_bytes
from sync_server.head_office import HeadOffice
from sync_server.store import feed
from tests.server.support.office import Chain, TestWorkstation


def store_row(
    store_id: str, region: str, latitude: float | None, longitude: float | None = 120.0
) -> list[Any]:
    at = (None, None) if latitude is None else (round(latitude * 1e6), round((longitude or 0) * 1e6))
    return [store_id, f"店 {store_id}", region, "", *at, "Asia/Shanghai", "PL1", "[]"]


AROUND = [
    store_row("S001", "east", 30.0),
    store_row("S002", "west", 31.0),  # 111 km from S001, in another region
    store_row("S003", "east", 30.5),  # 56 km
    store_row("W001", "east", None),
    store_row("S009", "west", 50.0),  # far from S001
]


def put_stores(office: HeadOffice, rows: list[list[Any]] = AROUND) -> None:
    office.store.write(lambda txn: feed.put_rows(txn, "store", "chain", rows))


def put_on_shelf(till: TestWorkstation, **quantity_milli: int) -> None:
    """One correction at the workstation's store, pushed."""
    lines = [
        {"line_no": line_no, "sku": sku, "quantity_milli": milli}
        for line_no, (sku, milli) in enumerate(quantity_milli.items(), start=1)
    ]
    body = {"reason": "correction", "reason_code": "found", "note": None, "lines": lines}
    maker = till.maker
    maker.append(document_bytes(maker.header("stock_movement"), body))
    status, answer = till.push(maker.number)
    assert status == 200, answer


def nearby_rows(office: HeadOffice, region: str) -> dict[str, str]:
    rows = office.store.read(lambda txn: list(feed.rows_of(txn, "nearby_stock", f"region:{region}")))
    return {row[0]: row[1] for row in rows}


def tills(chain: Chain) -> dict[str, TestWorkstation]:
    """A workstation at each of the stores that have one."""
    put_stores(chain.office)
    return {each: chain.enrol(each, each) for each in ("S001", "S002", "S003")}
