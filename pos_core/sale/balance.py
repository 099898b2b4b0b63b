"""Whether the figures of a `sale` or `return` add up: checked by both ends with one function.

Promise: Σ net + cash rounding = total = Σ tenders − Σ change.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from pos_core.errors import InvalidInput
from pos_core.sale.line_item import line_amount
from pos_core.tax.tax_lines import TaxableLine, tax_shares

GIVEN_AMOUNTS = ("in_store", "replayed")
"""Ways of entering whose `list_minor` is given (by a label, by a recorded sale), not quantity × price."""


class Unbalanced(InvalidInput):
    """A body whose figures do not add up; `facts`: `path`, `expected`, `found`."""

    code = "unbalanced"


def check_balance(body: Mapping[str, Any]) -> None:
    """Raises Unbalanced at the first figure of a `sale` or `return` body that does not follow from others.

    The body's shape was checked before (`pos_core.sync.envelope.check_body` does both).
    """
    lines = body["lines"]
    for index, line in enumerate(lines):
        _check_line(line, index)
    nets = sum(line["net_minor"] for line in lines)
    subtotal = sum(line["list_minor"] for line in lines)
    _equal("subtotal_minor", subtotal, body["subtotal_minor"])
    _equal("discount_minor", subtotal - nets, body["discount_minor"])
    _equal("total_minor", nets + body["cash_rounding_minor"], body["total_minor"])
    _check_tax(body)
    _check_tenders(body)


def _check_line(line: Mapping[str, Any], index: int) -> None:
    if line["entered"] not in GIVEN_AMOUNTS:
        expected = line_amount(line["quantity_milli"], line["unit_price_minor"])
        if expected != line["list_minor"]:
            _equal(f"lines[{index}].list_minor", expected, line["list_minor"])
    net = line["list_minor"]
    for discount in line["discounts"]:
        net -= discount["amount_minor"]
    if net != line["net_minor"]:
        _equal(f"lines[{index}].net_minor", net, line["net_minor"])


def _check_tax(body: Mapping[str, Any]) -> None:
    lines = body["lines"]
    shares = tax_shares(
        [TaxableLine(line["tax_class_code"], line["tax_rate_ppm"], line["net_minor"]) for line in lines]
    )
    for index, (line, share) in enumerate(zip(lines, shares, strict=True)):
        if share != line["tax_minor"]:
            _equal(f"lines[{index}].tax_minor", share, line["tax_minor"])
    _equal("tax_minor", sum(shares), body["tax_minor"])


def _check_tenders(body: Mapping[str, Any]) -> None:
    tenders = cast("list[Mapping[str, Any]]", body["tenders"])
    total = body["total_minor"]
    paid = sum(tender["amount_minor"] - tender["change_minor"] for tender in tenders)
    _equal("tenders", total, paid)
    for index, tender in enumerate(tenders):
        if total >= 0 and tender["change_minor"] > tender["amount_minor"]:
            _equal(f"tenders[{index}].change_minor", tender["amount_minor"], tender["change_minor"])
    if body["cash_rounding_minor"] and not any(tender["tender_kind"] == "cash" for tender in tenders):
        _equal("cash_rounding_minor", 0, body["cash_rounding_minor"])


def _equal(path: str, expected: int, found: int) -> None:
    if expected != found:
        raise Unbalanced(f"{path} should be {expected}", path=path, expected=expected, found=found)
