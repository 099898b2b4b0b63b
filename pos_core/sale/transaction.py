"""The body of a `sale` document: built here, balanced here, and checked by both ends with one function.

Promise: Σ net + cash rounding = total = Σ tenders − Σ change. Fields and units: docs/documents.md, "sale".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

from pos_core.errors import InvalidInput
from pos_core.quantity import QUANTITY_MILLI_MAX, BadQuantity
from pos_core.rounding import checked_amount
from pos_core.sale.basket import LINES_MAX, Basket
from pos_core.sale.line_item import Discount, LineItem, line_amount
from pos_core.sale.refund_tenders import BackTender
from pos_core.sale.refunding import BackLine, RefundPlan
from pos_core.sale.tender import Payment, TenderLine
from pos_core.sale.totals import BasketTotals, LineTotal, total_lines
from pos_core.tax.tax_lines import TaxableLine, tax_shares

GIVEN_AMOUNTS = ("in_store", "replayed")
"""Ways of entering whose `list_minor` is given (by a label, by a recorded sale), not quantity × price."""


class Unbalanced(InvalidInput):
    """A body whose figures do not add up; `facts`: `path`, `expected`, `found`."""

    code = "unbalanced"


@dataclass(frozen=True, slots=True)
class GivenLine:
    """A line of a sale that happened elsewhere: its figures are taken as recorded, the dirty ones too.

    Quantity 0, discounts above the list amount (net below zero) and any unit price ≥ 0 are allowed.
    `list_minor` − Σ `discounts` is what the sale's record says was paid.
    """

    sku: str
    name: str
    quantity_milli: int
    unit_price_minor: int
    list_minor: int
    discounts: tuple[Discount, ...] = ()
    gtin: str | None = None
    department_code: str | None = None
    unit: str = ""
    tax_class_code: str = ""
    tax_rate_ppm: int = 0
    weight_milli: int | None = None


def given_line(given: GivenLine) -> LineItem:
    """A basket line with the given figures, `entered` "replayed". Raises BadQuantity, BadAmount."""
    if not 0 <= given.quantity_milli <= QUANTITY_MILLI_MAX:
        raise BadQuantity("quantity out of range", text=str(given.quantity_milli))
    for amount_minor in (
        given.unit_price_minor,
        given.list_minor,
        *(d.amount_minor for d in given.discounts),
    ):
        checked_amount(amount_minor)
    line = LineItem(
        line_no=0,
        sku=given.sku,
        gtin=given.gtin,
        name=given.name,
        department_code=given.department_code,
        unit=given.unit,
        quantity_milli=given.quantity_milli,
        unit_price_minor=given.unit_price_minor,
        tax_class_code=given.tax_class_code,
        tax_rate_ppm=given.tax_rate_ppm,
        entered="replayed",
        fixed_minor=given.list_minor,
        weight_milli=given.weight_milli,
        discounts=given.discounts,
    )
    checked_amount(line.net_minor)
    return line


def replayed_basket(empty: Basket, lines: Sequence[GivenLine], *, instant_ms: int) -> Basket:
    """A basket of given lines at once, without release: nothing is priced. Pay it with `Payment`.

    Raises BadQuantity, BadAmount; more than LINES_MAX lines are a defect of the caller's data: BadQuantity.
    """
    if len(lines) > LINES_MAX:
        raise BadQuantity("too many lines", text=str(len(lines)))
    numbered = tuple(replace(given_line(line), line_no=number) for number, line in enumerate(lines, start=1))
    return replace(empty, lines=numbered, next_line_no=len(numbered) + 1, release=None, instant_ms=instant_ms)


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
