"""Releases with promotions, and sales priced under them as a workstation prices them."""

from __future__ import annotations

import json
from typing import Any

from pos_core.pricing.compiled import RuleSet, compile_rules
from pos_core.pricing.engine import price_basket
from pos_core.pricing.load import load_basket, load_promotions
from pos_core.pricing.sale_record import sale_record
from pos_core.sync.document import ReleaseRef, document_bytes
from pos_core.tax.tax_lines import TaxableLine, tax_shares
from sync_server.head_office import HeadOffice
from sync_server.services.releases import ReleaseFile
from tests.server.support.series import START_MS, SeriesMaker

SECOND_HALF = {
    "id": "HALF",
    "name": "第二件半价",
    "phase": "item",
    "benefit": {"kind": "nth_percent", "units": 2, "rate_ppm": 500_000},
    "stack": "one_promotion_per_item",
}
MINUS_THREE = {
    "id": "MINUS-3",
    "name": "满20减3",
    "phase": "basket",
    "conditions": [{"min_amount_minor": 2000}],
    "benefit": {"kind": "basket_amount", "amount_minor": 300},
    "stack": "one_promotion_per_item",
}


def publish(office: HeadOffice, *promotions: dict[str, Any], effective_from_ms: int = 0) -> int:
    """A release with these promotions and no prices; its version."""
    content = json.dumps({"format": 1, "promotions": list(promotions)}).encode()
    files = [ReleaseFile("promotions", "base", content)]
    return office.store.write(
        lambda txn: office.releases.publish(txn, files, effective_from_ms=effective_from_ms)
    ).version


def rule_set(*promotions: dict[str, Any]) -> RuleSet:
    return compile_rules(load_promotions({"promotions": list(promotions)}))


def basket(*units: int, channel: str = "pos", instant_ms: int = START_MS) -> dict[str, Any]:
    """A basket with a line of `units[n]` pieces at 10.00 for each n."""
    return {
        "channel": channel,
        "store": "S001",
        "instant_ms": instant_ms,
        "utc_offset_minutes": 480,
        "lines": [
            {"line_id": str(n), "sku": f"SKU{n}", "list_price_minor": 1000, "quantity_milli": count * 1000}
            for n, count in enumerate(units, 1)
        ],
    }


def priced_body(rules: RuleSet, *units: int) -> dict[str, Any]:
    """The body of a sale of that basket, priced under the rules, paid in cash to the cent."""
    question = load_basket(basket(*units))
    answer = price_basket(question, rules)
    lines: list[dict[str, Any]] = []
    for asked, priced in zip(question.lines, answer.lines, strict=True):
        off = priced.list_minor - priced.net_minor
        lines.append(
            {
                "line_no": int(asked.line_id),
                "sku": asked.sku,
                "gtin": None,
                "name": asked.sku,
                "department_code": "D1",
                "quantity_milli": asked.quantity_milli,
                "unit_price_minor": asked.list_price_minor,
                "list_minor": priced.list_minor,
                "discounts": [{"source": "promotion", "id": "P", "name": "P", "amount_minor": off}]
                if off
                else [],
                "net_minor": priced.net_minor,
                "tax_class_code": "STD",
                "tax_rate_ppm": 130_000,
                "tax_minor": 0,
                "entered": "scan",
            }
        )
    shares = tax_shares([TaxableLine("STD", 130_000, line["net_minor"]) for line in lines])
    for line, share in zip(lines, shares, strict=True):
        line["tax_minor"] = share
    total = answer.goods_net_minor
    cash = {"tender_code": "cash", "tender_kind": "cash", "amount_minor": total, "change_minor": 0}
    return {
        "currency": "CNY",
        "exponent": 2,
        "price_list_id": "PL1",
        "instant_ms": START_MS,
        "channel": "pos",
        "member_id": None,
        "lines": lines,
        "voided_lines": [],
        "subtotal_minor": answer.list_minor,
        "discount_minor": answer.list_minor - total,
        "cash_rounding_minor": 0,
        "total_minor": total,
        "tax_minor": sum(line["tax_minor"] for line in lines),
        "tenders": [{**cash, "confirmed": None, "reference": None}],
        "pricing": json.loads(json.dumps(sale_record(question, answer, rules))),
        "external_ref": None,
    }


def sell(maker: SeriesMaker, body: dict[str, Any], version: int | None) -> int:
    """Appends the sale to a series; its number."""
    release = None if version is None else ReleaseRef(version, "0" * 64)
    maker.append(document_bytes(maker.header("sale", release=release), body))
    return maker.number
