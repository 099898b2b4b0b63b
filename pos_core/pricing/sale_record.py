"""What a sale's document keeps of its pricing (`pricing` in docs/documents.md): the one home of unit nets.

`{"v": 1, "input": …, "result": …, "terms": […]}`: the question, the whole answer with its certificate, and
the refund terms of the promotions used. Anyone with the release can price it again; refunds need this alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from pos_core.pricing.basket import PricingInput
from pos_core.pricing.codec import decode, encode
from pos_core.pricing.compiled import RuleSet
from pos_core.pricing.errors import InvalidBasket, InvalidPricingInput, InvalidResult
from pos_core.pricing.load import load_basket, load_priced_basket
from pos_core.pricing.refund_terms import refund_terms
from pos_core.pricing.refund_values import PricedSale, RefundTerms
from pos_core.pricing.result import PricedBasket
from pos_core.pricing.validate import Problem, problems_in

RECORD_VERSION = 1


class InvalidSaleRecord(InvalidPricingInput):
    """The `pricing` of a sale is not what this version writes."""

    code = "invalid_sale_record"


class LineFault(NamedTuple):
    """A sale line that is not the line that was priced: `path` in the sale's body, a code, a sentence."""

    path: str
    code: str
    reason: str


def sale_record(question: PricingInput, answer: PricedBasket, rules: RuleSet) -> dict[str, Any]:
    """The record of a sale priced under `rules`. Lines of the sale have the line ids of the question."""
    return {
        "v": RECORD_VERSION,
        "input": encode(question),
        "result": encode(answer),
        "terms": [encode(terms) for terms in refund_terms(answer, rules)],
    }


def load_sale_record(record: Any) -> PricedSale:
    """The priced sale of a record; its shape is checked, its figures are the checker's business.

    Raises InvalidSaleRecord, with paths inside the record.
    """
    if not isinstance(record, dict) or record.get("v") != RECORD_VERSION:
        raise InvalidSaleRecord([Problem("/v", "not_this_value", f"must be {RECORD_VERSION}")])
    for name in ("input", "result"):
        if not isinstance(record.get(name), dict):
            raise InvalidSaleRecord([Problem(f"/{name}", "missing", "an object is asked for")])
    try:
        question = load_basket(record["input"])
    except InvalidBasket as error:
        raise InvalidSaleRecord(_under("/input", error)) from None
    try:
        answer = load_priced_basket(record["result"])
    except InvalidResult as error:
        raise InvalidSaleRecord(_under("/result", error)) from None
    return PricedSale(question=question, answer=answer, terms=_terms(record.get("terms", [])))


def line_faults(body: Mapping[str, Any], sale: PricedSale) -> list[LineFault]:
    """Where the lines of a sale's body are not those that were priced, and priced so."""
    asked = {line.line_id: line for line in sale.question.lines}
    priced = {line.line_id: line for line in sale.answer.lines}
    faults: list[LineFault] = []
    seen: set[str] = set()
    for index, line in enumerate(body["lines"]):
        path = f"/lines/{index}"
        name = str(line["line_no"])
        seen.add(name)
        if name not in asked or name not in priced:
            faults.append(LineFault(path, "line_not_priced", "the pricing knows no such line"))
            continue
        pairs = (
            ("sku", line["sku"], asked[name].sku),
            ("quantity_milli", line["quantity_milli"], asked[name].quantity_milli),
            ("unit_price_minor", line["unit_price_minor"], asked[name].list_price_minor),
            ("list_minor", line["list_minor"], priced[name].list_minor),
            ("net_minor", line["net_minor"] + _given_last(line), priced[name].net_minor),
        )
        for field, sold, wanted in pairs:
            if sold != wanted:
                faults.append(LineFault(f"{path}/{field}", "line_differs", f"{sold} sold, {wanted} priced"))
    if set(asked) - seen:
        faults.append(LineFault("/lines", "line_not_sold", "a line was priced and is not in the sale"))
    return faults


def _given_last(line: Mapping[str, Any]) -> int:
    """What an operator took off after the promotions (pos_core/sale/manual.py)."""
    return sum(
        each["amount_minor"]
        for each in line.get("discounts", ())
        if each["source"] == "manual" and each["id"] in ("line_discount", "basket_discount")
    )


def _terms(data: Any) -> tuple[RefundTerms, ...]:
    if not isinstance(data, list):
        raise InvalidSaleRecord([Problem("/terms", "wrong_type", "a list is asked for")])
    problems: list[Problem] = []
    for index, each in enumerate(data):
        found = problems_in(each, "refund_terms")
        problems += [p._replace(path=f"/terms/{index}{p.path.rstrip('/')}") for p in found]
    if problems:
        raise InvalidSaleRecord(problems)
    return tuple(decode(RefundTerms, each) for each in data)


def _under(path: str, error: InvalidPricingInput) -> list[Problem]:
    return [p._replace(path=path + p.path.rstrip("/")) for p in error.problems]
