"""A receipt from a sale document: the first print and a copy next week are made by the same function."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from pos_client.receipts.model import (
    Language,
    Receipt,
    ReceiptDiscount,
    ReceiptLine,
    ReceiptTax,
    ReceiptTender,
)
from pos_client.receipts.numbers import series_label
from pos_client.receipts.return_code import return_code
from pos_client.receipts.template import DEFAULT_TEMPLATE, LINK_FIELDS, ReceiptTemplate
from pos_client.receipts.words import word
from pos_core.catalog.gtin import short_gtin
from pos_core.catalog.store import Store
from pos_core.tax.tax_lines import TaxableLine, tax_by_class


@dataclass(frozen=True, slots=True)
class ReceiptContext:
    """What a receipt says and a document does not: names. Missing ones print as their codes.

    Attributes:
        tender_names: tender_code → name in the receipt's language.
        units: sku → unit.
    """

    store: Store
    workstation_name: str
    operator_name: str
    tender_names: Mapping[str, str] = field(default_factory=dict)
    units: Mapping[str, str] = field(default_factory=dict)
    member_name: str | None = None
    language: Language = "zh"
    footer: str = ""
    template: ReceiptTemplate = DEFAULT_TEMPLATE
    is_training: bool = False


_BY_ID = frozenset({"stored_value", "exchange", "points"})
"""Tenders whose reference is an id of ours, no number that a shopper could read."""


def receipt_of(document: Mapping[str, Any], context: ReceiptContext) -> Receipt:
    """`document`: the decoded sale (or its envelope with a body), header keys at the top level."""
    body = document["body"]
    incarnation, number = document["incarnation"], document["number"]
    tenders = tuple(_tender(tender, context) for tender in body["tenders"])
    return Receipt(
        store_id=context.store.store_id,
        store_name=context.store.name,
        store_address=context.store.address,
        workstation_name=context.workstation_name,
        series_label=series_label(context.workstation_name, incarnation),
        number=number,
        document_id=document["document_id"],
        operator_name=context.operator_name,
        occurred_at_ms=document["occurred_at_ms"],
        time_zone=context.store.time_zone,
        business_day=document["business_day"],
        currency=body["currency"],
        exponent=body["exponent"],
        lines=tuple(_line(line, context) for line in body["lines"]),
        subtotal_minor=body["subtotal_minor"],
        discount_minor=body["discount_minor"],
        cash_rounding_minor=body["cash_rounding_minor"],
        total_minor=body["total_minor"],
        tenders=tenders,
        change_minor=sum(tender.change_minor for tender in tenders),
        taxes=_taxes(body["lines"]),
        lookup_code=return_code(document),
        member_name=context.member_name,
        language=context.language,
        footer=context.footer,
        points=_points(body, is_return=document.get("type") == "return"),
        points_balance=body.get("points_balance"),
        points_heard_at_ms=body.get("points_heard_at_ms"),
        purse=_purse(body),
        purse_balance_minor=body.get("stored_value_balance_minor"),
        gift_cards=tuple((each["last_four"], each["balance_minor"]) for each in body.get("gift_cards", ())),
        invoice_code=invoice_code(document, context.template),
        template=context.template,
        is_return=document.get("type") == "return",
        is_offline=body.get("offline") is True,
        is_training=context.is_training,
    )


def invoice_code(document: Mapping[str, Any], template: ReceiptTemplate) -> str:
    """The template's e-invoice link with this document's fields, each escaped for a link; "" for none."""
    if not template.invoice_link:
        return ""
    fields = {
        **{name: document.get(name, "") for name in LINK_FIELDS},
        "total_minor": document["body"]["total_minor"],
        "code": return_code(document),
    }
    return template.invoice_link.format_map({name: quote(str(value)) for name, value in fields.items()})


def _points(body: Mapping[str, Any], *, is_return: bool) -> tuple[tuple[str, int], ...]:
    """Earned and spent, each summed; of a return what was earned is taken back, what was spent given back."""
    gained, lost = ("given_back", "taken_back") if is_return else ("earned", "spent")
    found: dict[str, int] = {}
    for move in body.get("points_movements", ()):
        kind = f"points_{gained if move['points'] > 0 else lost}"
        found[kind] = found.get(kind, 0) + move["points"]
    return tuple(sorted(found.items()))


def _purse(body: Mapping[str, Any]) -> tuple[tuple[str, int], ...]:
    """By reason, in the order of the document; what was spent stands among the tenders already."""
    moves = body.get("stored_value_movements", ())
    return tuple(
        (f"purse_{move['reason']}", move["amount_minor"]) for move in moves if move["reason"] != "spent"
    )


def _line(line: Mapping[str, Any], context: ReceiptContext) -> ReceiptLine:
    return ReceiptLine(
        name=line["name"],
        code=short_gtin(line["gtin"]) if line["gtin"] else line["sku"],
        quantity_milli=line["quantity_milli"],
        unit=context.units.get(line["sku"], ""),
        unit_price_minor=line["unit_price_minor"],
        list_minor=line["list_minor"],
        net_minor=line["net_minor"],
        note=line.get("note", ""),
        discounts=tuple(
            ReceiptDiscount(each["name"] or word("discount", context.language), each["amount_minor"])
            for each in line["discounts"]
        ),
    )


def _tender(tender: Mapping[str, Any], context: ReceiptContext) -> ReceiptTender:
    code = tender["tender_code"]
    return ReceiptTender(
        context.tender_names.get(code, code),
        tender["amount_minor"],
        tender["change_minor"],
        None if tender["tender_kind"] in _BY_ID else tender["reference"],
    )


def _taxes(lines: list[Mapping[str, Any]]) -> tuple[ReceiptTax, ...]:
    taxable = [TaxableLine(line["tax_class_code"], line["tax_rate_ppm"], line["net_minor"]) for line in lines]
    return tuple(
        ReceiptTax(each.rate_ppm, each.net_minor, each.tax_minor)
        for each in tax_by_class(taxable)
        if each.rate_ppm
    )
