"""Purchase orders come line by line and stand as one row of their store."""

from __future__ import annotations

import json
from typing import Any

from sync_server.services.importing import ImportTarget
from sync_server.store import feed

HEAD = "order_id,store_id,supplier_id,supplier_name,expected_day,sku,quantity,unit_cost\n"


def order(office: ImportTarget, order_id: str = "PO1", store_id: str = "S001") -> dict[str, Any] | None:
    rows = office.store.read(lambda txn: list(feed.rows_of(txn, "purchase_order", f"store:{store_id}")))
    found = {row[0]: json.loads(row[1]) for row in rows}
    return found.get(order_id)


def test_rows_of_an_order_are_one_row_of_its_store_and_the_same_file_changes_nothing(shop, office):
    text = HEAD + "PO1,S001,SUP,云供货,2026-12-01,A1,24,1.20\nPO1,S001,SUP,云供货,2026-12-01,A3,12,\n"
    assert shop("orders", text).created == 2
    found = order(office)
    assert found is not None
    assert [(line["sku"], line["ordered_milli"], line["unit_cost_minor"]) for line in found["lines"]] == [
        ("A1", 24_000, 120),
        ("A3", 12_000, None),
    ]
    assert (found["supplier_name"], found["expected_day"]) == ("云供货", "2026-12-01")
    assert order(office, store_id="S002") is None
    again = shop("orders", text)
    assert (again.created, again.changed, again.unchanged) == (0, 0, 2)


def test_a_second_file_changes_a_line_and_a_deleted_last_line_ends_the_order(shop, office):
    shop("orders", HEAD + "PO1,S001,SUP,,,A1,24,1.20\nPO1,S001,SUP,,,A3,12,\n")
    shop("orders", HEAD + "PO1,S001,SUP,,,A1,36,1.25\n")
    found = order(office)
    assert found is not None
    assert [(line["sku"], line["ordered_milli"]) for line in found["lines"]] == [
        ("A1", 36_000),
        ("A3", 12_000),
    ]
    gone = "order_id,store_id,supplier_id,sku,quantity,delete\n"
    shop("orders", gone + "PO1,S001,SUP,A1,1,1\nPO1,S001,SUP,A3,1,1\n")
    assert order(office) is None


def test_unknown_stores_items_and_days_are_named(shop):
    report = shop("orders", HEAD + "PO1,S009,SUP,,,A1,1,\nPO2,S001,SUP,,,A9,1,\nPO3,S001,SUP,,31月,A1,1,\n")
    assert sorted((problem.column, problem.code) for problem in report.problems) == [
        ("expected_day", "bad_date"),
        ("sku", "unknown_reference"),
        ("store_id", "unknown_reference"),
    ]
