"""A sale as few bytes, holding what its return needs and nothing else: what a receipt's code carries.

`sold_of` reads one back as a mapping that `plan_refund` and `return_body` take in place of a `sale` body: the
same lines and tenders come out of both. Names of goods and people are left out. docs/returns.md.
"""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from pos_core.compact import NotCompact, natural, pack, positive, text, unpack, whole
from pos_core.sale.line_item import ENTERED, line_amount
from pos_core.sale.shares_value import shares_from, shares_value
from pos_core.sale.sold_shares import shares_of
from pos_core.sale.sold_units import PaidUnits, equal_parts, sold_lines
from pos_core.tax.tax_lines import TaxableLine, tax_shares

VERSION = 1
_DAY_ONE = date(2020, 1, 1)
_KINDS = ("cash", "card", "mobile", "stored_value", "voucher", "points", "exchange")


@dataclass(frozen=True, slots=True)
class SaleSummary:
    """One sale. `sold` stands in for its body; `chain` is the chain's mark, "" where nobody asked."""

    chain: str
    workstation_id: str
    incarnation: int
    number: int
    store_id: str
    business_day: str
    occurred_at_ms: int
    sold: Mapping[str, Any]


def pack_summary(document: Mapping[str, Any], *, chain: str, limited: Container[str] = ()) -> bytes:
    """The bytes for a decoded sale: its header's keys at the top level, beside `body`.

    `limited`: ids of the promotions of which it says how their limits and budgets get uses back.
    """
    body = document["body"]
    shares = shares_of(body, limited)
    classes = list(dict.fromkeys((line["tax_class_code"], line["tax_rate_ppm"]) for line in body["lines"]))
    parts = {no: line.parts for no, line in sold_lines(body).items()}
    wanted = {coupon for each in shares.coupons for use in each.uses for coupon in use.coupons}
    uses = [use for use in body.get("coupon_uses") or () if use["coupon_code"] in wanted]
    return pack(
        [
            VERSION,
            chain,
            document["workstation_id"],
            document["incarnation"],
            document["number"],
            document["store_id"],
            (date.fromisoformat(document["business_day"]) - _DAY_ONE).days,
            document["occurred_at_ms"] // 1000,
            body["currency"],
            body["exponent"],
            body["price_list_id"],
            body["channel"],
            body["member_id"],
            body["cash_rounding_minor"],
            [list(each) for each in classes],
            [_line(line, classes, parts.get(line["line_no"])) for line in body["lines"]],
            [_tender(each) for each in body["tenders"]],
            [[use["campaign_id"], use["coupon_code"], use["member_id"], use["amount_minor"]] for use in uses],
            shares_value(shares),
        ]
    )


def unpack_summary(data: bytes) -> SaleSummary:
    """Inverse of `pack_summary`. Raises NotCompact for anything that no `pack_summary` made."""
    value = unpack(data)
    try:
        return _summary(value)
    except (ValueError, TypeError, LookupError, OverflowError, AssertionError):
        raise NotCompact("no summary of a sale") from None


def _line(
    line: Mapping[str, Any], classes: Sequence[tuple[str, int]], parts: Sequence[PaidUnits] | None
) -> list[Any]:
    usual = line_amount(line["quantity_milli"], line["unit_price_minor"])
    as_usual = parts is None or list(parts) == equal_parts(line)
    return [
        line["line_no"],
        line["sku"],
        line["quantity_milli"],
        line["unit_price_minor"],
        line["list_minor"] - usual,
        line["list_minor"] - line["net_minor"],
        classes.index((line["tax_class_code"], line["tax_rate_ppm"])),
        ENTERED.index(line["entered"]),
        line.get("weight_milli"),
        [] if as_usual or parts is None else [[p.units, p.net_minor, p.points_minor] for p in parts],
    ]


def _tender(tender: Mapping[str, Any]) -> list[Any]:
    kept = tender["reference"] if tender["tender_kind"] == "stored_value" else None
    return [
        tender["tender_code"],
        _KINDS.index(tender["tender_kind"]),
        tender["amount_minor"],
        tender["change_minor"],
        kept,
    ]


def _summary(value: Any) -> SaleSummary:
    if value[0] != VERSION:
        raise ValueError("another version")
    (_, chain, workstation_id, incarnation, number, store_id, days, seconds, currency, exponent, prices) = (
        value[:11]
    )
    channel, member_id, rounding, classes, lines, tenders, coupons, shares = value[11:]
    read = [_read_line(each, classes) for each in lines]
    taxes = tax_shares(
        [TaxableLine(line["tax_class_code"], line["tax_rate_ppm"], line["net_minor"]) for line, _ in read]
    )
    occurred_at_ms = natural(seconds) * 1000
    net = sum(line["net_minor"] for line, _ in read)
    paid = [_read_tender(each) for each in tenders]
    total = net + whole(rounding)
    if not read or total != sum(each["amount_minor"] - each["change_minor"] for each in paid):
        raise ValueError("unbalanced")
    sold = {
        "currency": text(currency),
        "exponent": natural(exponent),
        "price_list_id": text(prices),
        "channel": text(channel),
        "member_id": None if member_id is None else text(member_id),
        "instant_ms": occurred_at_ms,
        "total_minor": total,
        "lines": [{**line, "tax_minor": tax} for (line, _), tax in zip(read, taxes, strict=True)],
        "tenders": paid,
        "coupon_uses": [_read_coupon(each) for each in coupons],
        "pricing": None,
        "parts": {line["line_no"]: parts for line, parts in read if parts is not None},
        "shares": shares_from(shares),
    }
    return SaleSummary(
        chain=text(chain, empty=True),
        workstation_id=text(workstation_id),
        incarnation=positive(incarnation),
        number=positive(number),
        store_id=text(store_id),
        business_day=(_DAY_ONE + timedelta(days=natural(days))).isoformat(),
        occurred_at_ms=occurred_at_ms,
        sold=sold,
    )


def _read_line(value: Any, classes: Any) -> tuple[dict[str, Any], tuple[PaidUnits, ...] | None]:
    line_no, sku, quantity, price, over, off, place, entered, weight, parts = value
    list_minor = line_amount(natural(quantity), natural(price)) + whole(over)
    code, rate = classes[natural(place)]
    line: dict[str, Any] = {
        "line_no": positive(line_no),
        "sku": text(sku),
        "gtin": None,
        "name": "",
        "department_code": None,
        "quantity_milli": quantity,
        "unit_price_minor": price,
        "list_minor": list_minor,
        "net_minor": list_minor - whole(off),
        "tax_class_code": text(code, empty=True),
        "tax_rate_ppm": natural(rate),
        "entered": ENTERED[natural(entered)],
    }
    if weight is not None:
        line["weight_milli"] = natural(weight)
    if line["quantity_milli"] <= 0 or line["net_minor"] < 0:
        return line, None
    units = tuple(PaidUnits(positive(u), natural(n), natural(p)) for u, n, p in parts)
    found = units or tuple(equal_parts(line))
    if sum(part.units * part.net_minor for part in found) != line["net_minor"]:
        raise ValueError("the units are not the line")
    return line, found


def _read_tender(value: Any) -> dict[str, Any]:
    code, kind, amount, change, reference = value
    return {
        "tender_code": text(code),
        "tender_kind": _KINDS[natural(kind)],
        "amount_minor": whole(amount),
        "change_minor": whole(change),
        "reference": None if reference is None else text(reference),
    }


def _read_coupon(value: Any) -> dict[str, Any]:
    campaign, code, member_id, amount = value
    return {
        "campaign_id": text(campaign),
        "coupon_code": text(code),
        "member_id": None if member_id is None else text(member_id),
        "amount_minor": whole(amount),
    }
