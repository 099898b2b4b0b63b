"""Where items come from: for every store or one, kept column by column, and what cannot be meant."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sync_server.services.importing import ImportTarget
from sync_server.store import demand, feed
from sync_server.store.demand import SupplyRow

SUPPLIERS = "supplier_id,名称,到货天数,订货周期,起订金额\nSUP,云供货,3,7,500\nDAIRY,晨光乳业,,,\n"
HEAD = "sku,门店,来源,来源编码,到货天数,包装数,起订量,进价\n"


def of(office: ImportTarget, store_id: str) -> dict[str, SupplyRow]:
    return office.store.read(lambda txn: demand.supplies(txn, store_id))


@pytest.fixture
def supplied(shop: Any) -> Any:
    assert shop("suppliers", SUPPLIERS).created == 2
    return shop


def test_suppliers_reach_every_store_with_what_an_order_must_come_to(
    supplied: Any, office: ImportTarget
) -> None:
    rows = office.store.read(lambda txn: list(feed.rows_of(txn, "supplier", "chain")))
    assert sorted(rows) == [["DAIRY", "晨光乳业", None, None, None], ["SUP", "云供货", 3, 7, 50_000]]


def test_a_stores_own_row_holds_there_and_the_other_everywhere_else(
    supplied: Any, office: ImportTarget
) -> None:
    text = HEAD + "A1,,供应商,SUP,,24,48,1.10\nA1,S002,仓库,S003,2,12,,\nA2,,supplier,DAIRY,1,0.5,,3\n"
    assert supplied("supplies", text).created == 3
    assert of(office, "S001")["A1"] == SupplyRow("A1", "", "supplier", "SUP", None, None, 24_000, 48_000, 110)
    own = of(office, "S002")["A1"]
    assert (own.source_kind, own.source_id, own.lead_days, own.unit_cost_minor) == (
        "warehouse",
        "S003",
        2,
        None,
    )
    assert of(office, "S002")["A2"].pack_milli == 500
    assert supplied("supplies", text).unchanged == 3


def test_a_column_that_is_not_there_keeps_what_was_said(supplied: Any, office: ImportTarget) -> None:
    supplied("supplies", HEAD + "A1,,供应商,SUP,2,24,48,1.10\n")
    report = supplied("supplies", "sku,来源,来源编码,进价\nA1,供应商,SUP,1.20\n")
    assert report.changed == 1
    found = of(office, "S001")["A1"]
    assert (found.lead_days, found.pack_milli, found.minimum_milli) == (2, 24_000, 48_000)
    assert found.unit_cost_minor == 120
    supplied("supplies", "sku,来源,来源编码,起订量\nA1,供应商,SUP,\n")
    assert of(office, "S001")["A1"].minimum_milli is None, "an empty cell says: none"


def test_a_deleted_row_of_a_store_gives_way_to_the_one_of_every_store(
    supplied: Any, office: ImportTarget
) -> None:
    supplied("supplies", HEAD + "A1,,供应商,SUP,,24,,\nA1,S002,供应商,DAIRY,,6,,\n")
    gone = "sku,门店,来源,来源编码,删除\nA1,S002,供应商,DAIRY,是\n"
    assert supplied("supplies", gone).changed == 1
    assert of(office, "S002")["A1"].source_id == "SUP"
    assert supplied("supplies", gone).unchanged == 1


def test_a_warehouse_does_not_supply_itself(supplied: Any, office: ImportTarget) -> None:
    supplied("supplies", HEAD + "A1,,仓库,S003,,,,\n")
    assert "A1" in of(office, "S001") and "A1" not in of(office, "S003")


@pytest.mark.parametrize(
    ("row", "column", "code"),
    [
        ("NOPE,,供应商,SUP,,,,", "sku", "unknown_reference"),
        ("A1,S999,供应商,SUP,,,,", "门店", "unknown_reference"),
        ("A1,,供应商,NOBODY,,,,", "来源编码", "unknown_reference"),
        ("A1,,仓库,SUP,,,,", "来源编码", "unknown_reference"),
        ("A1,,邻居,S002,,,,", "来源", "bad_choice"),
        ("A1,,供应商,SUP,366,,,", "到货天数", "bad_number"),
        ("A1,,供应商,SUP,,,-1,", "起订量", "bad_quantity"),
        ("A1,,供应商,SUP,,,,1.234", "进价", "bad_amount"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_its_column(
    supplied: Any, office: ImportTarget, row: str, column: str, code: str
) -> None:
    report = supplied("supplies", HEAD + row + "\n")
    assert [(problem.column, problem.code) for problem in report.problems] == [(column, code)]
    assert of(office, "S001") == {}


def test_the_chains_costs_are_not_read_from_the_agreed_ones(supplied: Any, office: ImportTarget) -> None:
    supplied("supplies", HEAD + "A1,,供应商,SUP,,,,9.99\n")
    items = office.store.read(lambda txn: list(feed.rows_of(txn, "item", "chain")))
    assert "999" not in json.dumps(items)
