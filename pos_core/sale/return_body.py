"""The body of a `return` document. Fields and units: docs/documents.md, "return"."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pos_core.rounding import checked_amount
from pos_core.sale.balance import check_balance
from pos_core.sale.line_item import line_amount
from pos_core.sale.refund_tenders import BackTender
from pos_core.sale.refunding import BackLine, RefundPlan
from pos_core.tax.tax_lines import TaxableLine, tax_shares


def return_body(
    sold: Mapping[str, Any],
    plan: RefundPlan,
    *,
    origin: Mapping[str, Any],
    reason_code: str,
    instant_ms: int | None = None,
) -> dict[str, Any]:
    """The body of the return that `plan` says, of lines of the sale `sold`; balanced.

    What a line's list amount is above what goes back stands as one discount, source `recorded`.
    """
    by_no = {line["line_no"]: line for line in sold["lines"]}
    lines = [_back_line(by_no[back.line_no], back, no) for no, back in enumerate(plan.lines, start=1)]
    return returned_lines_body(
        sold,
        lines,
        [_back_tender(each) for each in plan.tenders],
        cash_rounding_minor=plan.cash_rounding_minor,
        more={"origin": dict(origin), "reason_code": reason_code, **_claims_back(sold, plan)},
        instant_ms=instant_ms,
    )


def returned_lines_body(
    about: Mapping[str, Any],
    lines: Sequence[Mapping[str, Any]],
    tenders: Sequence[Mapping[str, Any]],
    *,
    cash_rounding_minor: int,
    more: Mapping[str, Any],
    instant_ms: int | None = None,
) -> dict[str, Any]:
    """A balanced `return` body of ready lines; `about` gives currency, price list, instant and member."""
    shares = tax_shares(
        [TaxableLine(line["tax_class_code"], line["tax_rate_ppm"], line["net_minor"]) for line in lines]
    )
    net = sum(line["net_minor"] for line in lines)
    subtotal = sum(line["list_minor"] for line in lines)
    body = {
        **{name: about[name] for name in ("currency", "exponent", "price_list_id", "channel", "member_id")},
        "instant_ms": about["instant_ms"] if instant_ms is None else instant_ms,
        "lines": [{**line, "tax_minor": share} for line, share in zip(lines, shares, strict=True)],
        "voided_lines": [],
        "subtotal_minor": subtotal,
        "discount_minor": subtotal - net,
        "cash_rounding_minor": cash_rounding_minor,
        "total_minor": checked_amount(net + cash_rounding_minor),
        "tax_minor": sum(shares),
        "tenders": list(tenders),
        "pricing": None,
        "external_ref": None,
        **more,
    }
    check_balance(body)
    return body


def _back_line(line: Mapping[str, Any], back: BackLine, line_no: int) -> dict[str, Any]:
    whole = back.quantity_milli == line["quantity_milli"]
    list_minor = line["list_minor"] if whole else line_amount(back.quantity_milli, line["unit_price_minor"])
    names = ("sku", "gtin", "name", "department_code", "tax_class_code", "tax_rate_ppm", "entered")
    off = list_minor - back.net_minor
    fields: dict[str, Any] = {
        "line_no": line_no,
        "origin_line_no": back.line_no,
        **{name: line[name] for name in names},
        "quantity_milli": back.quantity_milli,
        "unit_price_minor": line["unit_price_minor"],
        "list_minor": list_minor,
        "discounts": [{"source": "recorded", "id": "origin", "name": "", "amount_minor": off}] if off else [],
        "net_minor": back.net_minor,
    }
    if line.get("weight_milli") is not None:
        fields["weight_milli"] = line["weight_milli"]
    if line.get("kind"):
        fields["kind"] = line["kind"]
    return fields


def _back_tender(tender: BackTender) -> dict[str, Any]:
    return {
        "tender_code": tender.tender_code,
        "tender_kind": tender.tender_kind,
        "amount_minor": tender.amount_minor,
        "change_minor": 0,
        "confirmed": None if tender.tender_kind in ("cash", "exchange") else "operator",
        "reference": tender.reference,
    }


def _claims_back(sold: Mapping[str, Any], plan: RefundPlan) -> dict[str, Any]:
    """Points, coupons, stored value and uses that a return moves; only those that hold something."""
    member_id = sold["member_id"]
    points = []
    if member_id is not None:
        moved = (("given_back", plan.points_given_back), ("clawed_back", -plan.points_taken_back))
        points = [{"member_id": member_id, "points": n, "reason": reason} for reason, n in moved if n]
    coupons = []
    left = dict(plan.coupons)
    for use in sold.get("coupon_uses") or ():
        if left.get(use["coupon_code"], 0):
            left[use["coupon_code"]] -= 1
            coupons.append(
                {name: use[name] for name in ("campaign_id", "coupon_code", "member_id", "amount_minor")}
            )
    purses = [
        {"account_id": each.reference, "amount_minor": each.amount_minor, "reason": "refunded"}
        for each in plan.tenders
        if each.tender_kind == "stored_value" and each.reference is not None and each.amount_minor
    ]
    uses = [
        {
            "promotion_id": each.promotion_id,
            "counted": each.counted,
            "amount_minor": each.amount_minor,
            "day": each.day,
        }
        for each in plan.uses
    ]
    found: dict[str, list[dict[str, Any]]] = {
        "points_movements": points,
        "coupon_uses": coupons,
        "stored_value_movements": purses,
        "uses_restored": uses,
    }
    return {name: rows for name, rows in found.items() if rows}
