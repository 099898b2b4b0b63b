"""Small values of the core for tests: an item, a tax class, tenders, a document of any type."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from pos_core.catalog.item import Item, SaleKind, TaxClass
from pos_core.catalog.store import TenderType
from pos_core.clock import HybridTime
from pos_core.ids import uuid7
from pos_core.sale.basket import Basket
from pos_core.sale.line_item import LineItem, piece_line
from pos_core.sync.document import Header, ReleaseRef, Series, document_bytes, document_hash

RELEASE = ReleaseRef(7, "ab" * 32)
STANDARD = TaxClass("A", "standard", 130_000)
REDUCED = TaxClass("B", "reduced", 90_000)
EXEMPT = TaxClass("Z", "exempt", 0)
CASH = TenderType("cash", "cash", "现金", "Cash", True, True, 1)
MOBILE = TenderType("mobile", "mobile", "移动支付", "Mobile", False, False, 2)
CARD = TenderType("card", "card", "银行卡", "Card", False, False, 3)
VOUCHER = TenderType("voucher", "voucher", "礼券", "Voucher", False, True, 4)
SERIES = Series("ws-1", 1)

_ITEM = Item(
    sku="1001",
    name="可乐 330ml",
    name_en="Cola 330ml",
    receipt_name="可乐330",
    brand=None,
    department_code="10",
    tax_class_code="A",
    sale_kind="piece",
    unit="罐",
    floor_minor=None,
    age_minimum=None,
    deposit_sku=None,
    tags=(),
    pinyin="kele",
    pinyin_initials="kl",
    sales_rank=1,
    active=True,
)


def an_item(
    sku: str = "1001", *, sale_kind: SaleKind = "piece", tax_class: TaxClass = STANDARD, active: bool = True
) -> Item:
    return replace(
        _ITEM, sku=sku, sale_kind=sale_kind, tax_class_code=tax_class.tax_class_code, active=active
    )


def a_line(
    price_minor: int = 350, quantity_milli: int = 1000, *, sku: str = "1001", tax_class: TaxClass = STANDARD
) -> LineItem:
    return piece_line(
        an_item(sku, tax_class=tax_class),
        tax_class,
        unit_price_minor=price_minor,
        quantity_milli=quantity_milli,
        entered="scan",
        gtin="06901234567892",
    )


def a_basket(*lines: LineItem) -> Basket:
    basket = Basket(price_list_id="PL1")
    for line in lines or (a_line(),):
        basket = basket.add_item(line, release=RELEASE, instant_ms=1_000)
    return basket


def a_header(number: int = 1, *, type: str = "sale", prev_hash: str | None = None) -> Header:
    return Header(
        type=type,
        series=SERIES,
        number=number,
        document_id=uuid7(1_700_000_000_000 + number, bytes(10)),
        store_id="S001",
        occurred_at_ms=1_700_000_000_000 + number,
        hybrid_time=HybridTime(1_700_000_000_000 + number, 0),
        business_day="2026-01-02",
        operator_id="E1",
        shift_id="SH1",
        release=RELEASE,
        prev_hash=prev_hash if prev_hash is not None else SERIES.genesis(),
    )


def a_chain(bodies: list[tuple[str, dict[str, Any]]]) -> list[bytes]:
    """The bytes of documents that follow each other from number 1."""
    head, chain = SERIES.genesis(), []
    for number, (kind, body) in enumerate(bodies, start=1):
        data = document_bytes(a_header(number, type=kind, prev_hash=head), body)
        head = document_hash(data)
        chain.append(data)
    return chain
