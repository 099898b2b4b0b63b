"""The record of a sale: written, read back, compared with the lines sold."""

from __future__ import annotations

import json
from typing import Any

import pytest

from pos_core.pricing.engine import price_basket
from pos_core.pricing.load import load_basket
from pos_core.pricing.sale_record import InvalidSaleRecord, line_faults, load_sale_record, sale_record
from tests.core.pricing.build import basket, line, rule, rules

REPRICE = rule("r", "basket", "basket_amount", amount_minor=300, refund={"method": "reprice"})


def record() -> dict[str, Any]:
    rule_set = rules(REPRICE)
    question = load_basket(basket(line("a", 1000, 2, line_id="1"), line("b", 500, line_id="2")))
    return json.loads(json.dumps(sale_record(question, price_basket(question, rule_set), rule_set)))  # type: ignore[no-any-return]


def body() -> dict[str, Any]:
    found = {x["line_id"]: x for x in record()["result"]["lines"]}
    return {
        "lines": [
            {
                "line_no": int(name),
                "sku": {"1": "a", "2": "b"}[name],
                "quantity_milli": {"1": 2000, "2": 1000}[name],
                "unit_price_minor": {"1": 1000, "2": 500}[name],
                "list_minor": each["list_minor"],
                "net_minor": each["net_minor"],
            }
            for name, each in found.items()
        ]
    }


def test_a_record_is_read_back_with_its_terms() -> None:
    sale = load_sale_record(record())
    assert sale.answer.payable_minor == 2200
    assert [(t.promotion_id, t.method) for t in sale.terms] == [("r", "reprice")]
    assert line_faults(body(), sale) == []


def test_a_record_without_terms_has_the_defaults() -> None:
    older = record()
    del older["terms"]
    assert load_sale_record(older).terms == ()


@pytest.mark.parametrize(
    "change, path",
    [
        ({"v": 2}, "/v"),
        ({"input": None}, "/input"),
        ({"input": {}}, "/input"),
        ({"result": {"format": 2}}, "/result"),
        ({"terms": {}}, "/terms"),
        ({"terms": [{"promotion_id": 7}]}, "/terms/0/promotion_id"),
        ({"terms": [7]}, "/terms/0"),
    ],
)
def test_what_is_no_record_is_named(change: dict[str, Any], path: str) -> None:
    with pytest.raises(InvalidSaleRecord) as refused:
        load_sale_record({**record(), **change})
    assert str(refused.value.facts["path"]).startswith(path)


def test_nothing_is_no_record() -> None:
    with pytest.raises(InvalidSaleRecord):
        load_sale_record(None)


@pytest.mark.parametrize("field, value", [("sku", "x"), ("net_minor", 1), ("quantity_milli", 3000)])
def test_a_line_sold_otherwise_than_priced_is_found(field: str, value: Any) -> None:
    sold = body()
    sold["lines"][1][field] = value
    assert [(f.path, f.code) for f in line_faults(sold, load_sale_record(record()))] == [
        (f"/lines/1/{field}", "line_differs")
    ]


def test_lines_too_many_and_too_few_are_found() -> None:
    sale = load_sale_record(record())
    sold = body()
    sold["lines"][0]["line_no"] = 9
    assert [f.code for f in line_faults(sold, sale)] == ["line_not_priced", "line_not_sold"]
