"""Reference values have the reference columns, in their order."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import pytest

from pos_core.catalog.item import (
    Department,
    Employee,
    GtinRow,
    Item,
    Member,
    PluRow,
    PriceList,
    Store,
    TaxClass,
    TenderType,
)
from pos_core.sync.reference import KINDS

VALUES: dict[str, Any] = {
    "department": Department,
    "tax_class": TaxClass,
    "item": Item,
    "gtin": GtinRow,
    "plu": PluRow,
    "store": Store,
    "price_list": PriceList,
    "tender_type": TenderType,
    "employee": Employee,
    "member": Member,
}


@pytest.mark.parametrize("kind", VALUES)
def test_fields_are_the_columns_of_the_wire(kind: str) -> None:
    assert tuple(field.name for field in fields(VALUES[kind])) == KINDS[kind].column_names


@pytest.mark.parametrize("kind", VALUES)
def test_a_row_of_its_kind_becomes_a_value_field_by_field(kind: str) -> None:
    columns = KINDS[kind].columns
    samples: dict[str, Any] = {
        "text": "x",
        "integer": 1,
        "json": '{"a":true}' if kind == "member" else '["a"]',
    }
    value = VALUES[kind].from_row([samples[column.type] for column in columns])
    decoded = {"member": {"a": True}}.get(kind, ("a",))
    for column in columns:
        assert getattr(value, column.name) == (decoded if column.type == "json" else samples[column.type])


def test_json_columns_may_come_decoded_and_flags_become_bool() -> None:
    row = ["1", "n", "n", "n", None, None, "A", "piece", "件", None, None, None, ["x", "y"], "", "", 9, 0]
    item = Item.from_row(row)
    assert item.tags == ("x", "y") and item.active is False
