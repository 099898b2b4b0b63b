"""Net sales of every board are those of the Z reports: money of purses and gift cards is the shoppers'."""

from __future__ import annotations

import importlib
import json
import random
from typing import Any

import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations

from pos_core.cash.report import sums_of
from pos_core.cash.store_day import StoreDay
from pos_core.sync.document import document_bytes
from sync_server.services import sales_sums
from sync_server.services.console.roles import Role
from sync_server.store import channel_sums, feed, sales
from sync_server.store.engine import Txn
from sync_server.store.schema.channel_sums import channel_home, channel_store
from sync_server.store.schema.sales import sales_hour, sales_item
from tests.server.console.test_sales import gather
from tests.server.support.console import sign_in
from tests.server.support.office import Chain, TestWorkstation
from tests.server.support.series import sale_body

DAY = "2026-05-28"
Document = tuple[str, dict[str, Any]]


def trade(dice: random.Random, kind: str, purse_minor: int = 0, rounding: int = 0) -> dict[str, Any]:
    """Goods, or money of a gift card, or both; what is paid is rounded."""
    body = sale_body(dice, dice.randrange(0 if purse_minor else 1, 3))
    if purse_minor:
        line = {
            **sale_body(dice, 1)["lines"][0], "line_no": len(body["lines"]) + 1, "sku": "TOPUP",
            "name": "储值", "quantity_milli": 1000, "unit_price_minor": purse_minor, "net_minor": purse_minor,
            "list_minor": purse_minor, "tax_minor": 0, "tax_rate_ppm": 0, "kind": "stored_value",
        }  # fmt: skip
        body["lines"].append(line)
        reason = "paid_out" if kind == "return" else dice.choice(["sold", "topped_up"])
        sign = -1 if kind == "return" else 1
        move = {"account_id": "card:x", "amount_minor": sign * purse_minor, "reason": reason}
        body["stored_value_movements"] = [move]
    listed = sum(line["list_minor"] for line in body["lines"])
    total = listed + rounding
    body |= {"subtotal_minor": listed, "cash_rounding_minor": rounding, "total_minor": total}
    body["tax_minor"] = sum(line["tax_minor"] for line in body["lines"])
    body["tenders"][0] |= {"amount_minor": total, "change_minor": 0}
    if kind == "return":
        body |= {"origin": None, "reason_code": "stored_value_out" if purse_minor else "not_wanted"}
    return body


@pytest.fixture
def said(chain: Chain) -> list[Document]:
    """A day of two tills: goods, gift cards, top-ups, purses paid out, each paid to the nearest ten."""
    dice, made = random.Random(11), []
    tills = [chain.enrol(), chain.enrol("S002")]
    for _ in range(30):
        kind = dice.choice(["sale", "sale", "sale", "return"])
        body = trade(dice, kind, dice.choice([0, 0, 10_000]), dice.choice([0, -3, 4]))
        _say(dice.choice(tills), kind, body)
        made.append((kind, body))
    for till in tills:
        assert till.push()[0] == 200
    return made


def _say(till: TestWorkstation, kind: str, body: dict[str, Any]) -> None:
    till.maker.append(document_bytes(till.maker.header(kind, business_day=DAY), body))


def _boards(chain: Chain) -> list[int]:
    """Net sales by hour, by channel and by home channel, and of the boards that go down to the stores."""

    def read(txn: Txn) -> list[int]:
        hours = sales.hours(txn, DAY, DAY, None, "business_day")
        found = [sum(row["net_minor"] for row in hours)]
        for rows in (
            channel_sums.in_stores(txn, (DAY, DAY), None, "channel"),
            channel_sums.in_regions(txn, (DAY, DAY), None, "channel"),
        ):
            found.append(sum(row["net_minor"] for row in rows))
        days = [
            StoreDay.from_value(DAY, json.loads(text))
            for store_id in ("S001", "S002")
            for day, text in feed.rows_of(txn, "store_day", f"store:{store_id}")
            if day == DAY
        ]
        parts = [part for day in days for part in day.workstations.values()]
        assert sum(minor for part in parts for _, minor in part.operators.values()) == sum(
            part.total_minor for part in parts
        )
        return [*found, sum(part.total_minor for part in parts)]

    return chain.office.store.read(read)


def test_boards_and_z_reports_say_the_same_net_sales(chain: Chain, said: list[Document]) -> None:
    gather(chain)
    chain.office.store_days.refresh()
    report = sums_of(said)
    assert report.purse_minor and report.net_sales_minor == report.net_minor - report.purse_minor
    assert _boards(chain) == [report.net_sales_minor] * 4
    rows = chain.office.store.read(lambda txn: sales.items(txn, DAY, DAY, 99))
    rounding = report.totals.cash_rounding_minor
    assert rounding and "TOPUP" not in {row["sku"] for row in rows}
    assert sum(row["net_minor"] for row in rows) == report.net_sales_minor - rounding
    page = sign_in(chain, Role.AUDITOR).get(f"/sales?from={DAY}&to={DAY}").text
    minor = report.net_sales_minor
    assert f"{'-' if minor < 0 else ''}{abs(minor) // 100:,}.{abs(minor) % 100:02d}" in page


def test_discounts_hold_neither_rounding_nor_money_of_purses(chain: Chain, said: list[Document]) -> None:
    gather(chain)
    (day,) = chain.office.store.read(lambda txn: sales.hours(txn, DAY, DAY, None, "business_day"))
    assert day["list_minor"] == day["net_minor"], "nothing was discounted"


def test_sums_of_before_are_put_right_by_the_migration(
    chain: Chain, said: list[Document], monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as before:
        before.setattr(sales_sums, "purses", lambda part: set())
        before.setattr(sales_sums, "_beyond_lines", lambda *_: {})
        gather(chain)
    tables = (sales_hour, sales_item, channel_store, channel_home)

    def everything(txn: Txn) -> list[list[tuple[Any, ...]]]:
        return [sorted(tuple(row) for row in txn.execute(table.select()) if any(row[2:])) for table in tables]

    old = chain.office.store.read(everything)
    chain.office.store.write(_migrated)
    put_right = chain.office.store.read(everything)

    def forget(txn: Txn) -> None:
        for table in (*tables, sales_sums.sales.sales_progress):
            txn.execute(table.delete())

    chain.office.store.write(forget)
    gather(chain)
    assert old != put_right == chain.office.store.read(everything)


def _migrated(txn: Txn) -> None:
    step = importlib.import_module("sync_server.store.migrations.versions.0044_net_sales")
    with Operations.context(MigrationContext.configure(txn.connection)):
        step.upgrade()
