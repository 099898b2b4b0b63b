"""Receipts, what may still come back of them, and the return that comes of it; empties too."""

from __future__ import annotations

from dataclasses import dataclass

from pos_client.receipts.model import Receipt


@dataclass(frozen=True, slots=True)
class DepositView:
    """What is given back for empties: `amount_minor` for all of `quantity_milli`."""

    sku: str
    name: str
    quantity_milli: int
    amount_minor: int


@dataclass(frozen=True, slots=True)
class ReceiptRow:
    """A sale in a list: enough for a shopper to know it again."""

    workstation_id: str
    incarnation: int
    number: int
    label: str
    occurred_at_ms: int
    total_minor: int
    names: tuple[str, ...]
    line_count: int
    store_id: str = ""
    found_by: str = "journal"


@dataclass(frozen=True, slots=True)
class ReceiptLineView:
    """A sold line. `left_milli` may still come back; not `by_piece`: whole or not at all."""

    line_no: int
    sku: str
    name: str
    quantity_milli: int
    net_minor: int
    left_milli: int
    by_piece: bool


@dataclass(frozen=True, slots=True)
class SoldReceiptView:
    """A sale that goods may come back of. `found_by`: who vouches for it: journal, code, head_office."""

    workstation_id: str
    incarnation: int
    number: int
    label: str
    occurred_at_ms: int
    business_day: str
    total_minor: int
    member_id: str | None
    lines: tuple[ReceiptLineView, ...]
    store_id: str = ""
    found_by: str = "journal"


@dataclass(frozen=True, slots=True)
class RefundTenderView:
    """What goes back by one tender."""

    tender_code: str
    tender_kind: str
    amount_minor: int


@dataclass(frozen=True, slots=True)
class RefundView:
    """What a return would give back."""

    total_minor: int
    cash_rounding_minor: int
    tenders: tuple[RefundTenderView, ...]
    points_given_back: int
    points_taken_back: int
    coupons_back: int
    currency: str
    exponent: int


@dataclass(frozen=True, slots=True)
class CompletedReturn:
    """A return that is on disk. `cash_minor` is what the operator hands out."""

    number: int
    series_label: str
    document_id: str
    receipt: Receipt
    total_minor: int
    cash_minor: int
    tenders: tuple[RefundTenderView, ...]
