"""Messages of `POST /v1/receipts`: receipts that head office is asked for. docs/returns.md."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class ReceiptQuestion:
    """POST /v1/receipts: sales that goods may come back of.

    One sale by `workstation_id`, `incarnation` and `number`; a member's of the asking store; or the asking
    store's of a `business_day`, by `total_minor`, by `sku`.
    """

    workstation_id: str | None = None
    incarnation: int = 0
    number: int = 0
    member_id: str | None = None
    business_day: str | None = None
    total_minor: int | None = None
    sku: str | None = None
    limit: int = 20


@dataclass(frozen=True, slots=True)
class ReceiptBack:
    """A return of the receipt. `data`: pos_core/sale/receipt_return.py."""

    workstation_id: str
    incarnation: int
    number: int
    data: dict[str, Any]


@dataclass(frozen=True, slots=True)
class FoundReceipt:
    """`summary`: base64 of what a receipt's code holds (docs/returns.md); head office answers for it."""

    summary: str
    returns: list[ReceiptBack] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class ReceiptAnswer:
    """The newest first. `more`: there were others, which were left out."""

    receipts: list[FoundReceipt]
    more: bool = False
