"""The body of a `sale` document, and what documents say of a basket that was not sold.

Fields and units: docs/documents.md, "sale".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pos_core.rounding import checked_amount
from pos_core.sale.balance import check_balance
from pos_core.sale.basket import Basket
from pos_core.sale.line_item import Discount, LineItem
from pos_core.sale.tender import Payment, TenderLine
from pos_core.sale.totals import BasketTotals, LineTotal, total_lines


def sale_body(
    basket: Basket,
    payment: Payment,
    *,
    totals: BasketTotals | None = None,
    pricing: Mapping[str, Any] | None = None,
    external_ref: str | None = None,
) -> dict[str, Any]:
    """The body of the sale: balanced, or NotFullyPaid is raised.

    `totals` are the basket's own (computed here when None). The release goes into the document's header.
    """
    totals = totals or total_lines(basket.lines)
    assert basket.instant_ms is not None and basket.lines, "an empty basket is no sale"
    assert totals.net_minor == payment.net_minor, "paid for another basket"
    body = {
        "currency": basket.currency,
        "exponent": basket.exponent,
        "price_list_id": basket.price_list_id,
        "instant_ms": basket.instant_ms,
        "channel": "pos",
        "member_id": basket.member_id,
        "lines": [sold_line(line, total) for line, total in zip(basket.lines, totals.lines, strict=True)],
        "voided_lines": [voided_line(line) for line in basket.voided],
        "subtotal_minor": totals.subtotal_minor,
        "discount_minor": totals.discount_minor,
        "cash_rounding_minor": payment.cash_rounding_minor,
        "total_minor": checked_amount(payment.total_minor),
        "tax_minor": totals.tax_minor,
        "tenders": [_tender(tender) for tender in payment.lines()],
        "pricing": None if pricing is None else dict(pricing),
        "external_ref": external_ref,
    }
    if basket.held_id is not None:
        body["held_id"] = basket.held_id
    if basket.closed_reservations:
        body["reservation_ids"] = [each.reservation_id for each in basket.closed_reservations]
    if basket.age_confirmed:
        body["age_confirmed"] = basket.age_confirmed
    check_balance(body)
    return body


def unsold_body(basket: Basket) -> dict[str, Any]:
    """What `basket_held` and `basket_abandoned` say of a basket: its lines, voided ones included."""
    lines = sorted((*basket.lines, *basket.voided), key=lambda line: line.line_no)
    late = {"after_total": True} if basket.total_shown else {}
    return {
        "currency": basket.currency,
        "exponent": basket.exponent,
        "member_id": basket.member_id,
        "subtotal_minor": sum(line.list_minor for line in basket.lines),
        "lines": [voided_line(line) for line in lines],
        **late,
    }


def voided_line(line: LineItem) -> dict[str, Any]:
    """What a document remembers of a line that was taken off."""
    late = {"after_total": True} if line.after_total else {}
    return {
        "line_no": line.line_no,
        "sku": line.sku,
        "gtin": line.gtin,
        "name": line.name,
        "quantity_milli": line.quantity_milli,
        "unit_price_minor": line.unit_price_minor,
        "list_minor": line.list_minor,
        "entered": line.entered,
        **late,
    }


def sold_line(line: LineItem, total: LineTotal) -> dict[str, Any]:
    """A line as documents say it."""
    fields: dict[str, Any] = {
        "line_no": line.line_no,
        "sku": line.sku,
        "gtin": line.gtin,
        "name": line.name,
        "department_code": line.department_code,
        "quantity_milli": line.quantity_milli,
        "unit_price_minor": line.unit_price_minor,
        "list_minor": total.list_minor,
        "discounts": [_discount(each) for each in line.discounts],
        "net_minor": total.net_minor,
        "tax_class_code": line.tax_class_code,
        "tax_rate_ppm": line.tax_rate_ppm,
        "tax_minor": total.tax_minor,
        "entered": line.entered,
    }
    if line.weight_milli is not None:
        fields["weight_milli"] = line.weight_milli
    if line.note:
        fields["note"] = line.note
    if line.kind:
        fields["kind"] = line.kind
    if line.deposit_of is not None:
        fields["deposit_of"] = line.deposit_of
    if line.account_id is not None:
        fields["account_id"] = line.account_id
    if line.lot:
        fields["lot"] = line.lot
    return fields


def _discount(discount: Discount) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "source": discount.source,
        "id": discount.id,
        "name": discount.name,
        "amount_minor": discount.amount_minor,
    }
    if discount.reason_code:
        fields["reason_code"] = discount.reason_code
    return fields


def _tender(tender: TenderLine) -> dict[str, Any]:
    face = {} if tender.face_minor is None else {"face_minor": tender.face_minor}
    return {
        "tender_code": tender.tender_code,
        "tender_kind": tender.tender_kind,
        "amount_minor": tender.amount_minor,
        "change_minor": tender.change_minor,
        "confirmed": tender.confirmed,
        "reference": tender.reference,
        **face,
    }
