"""A payment, charges at the card terminal, and the sale that comes of it."""

from __future__ import annotations

from dataclasses import dataclass

from pos_client.receipts.model import Receipt


@dataclass(frozen=True, slots=True)
class TenderTypeView:
    """A means of payment of this chain, in the order of its keys."""

    tender_code: str
    tender_kind: str
    name: str
    name_en: str
    gives_change: bool
    opens_drawer: bool
    position: int
    needs_reference: bool = False


@dataclass(frozen=True, slots=True)
class TenderView:
    """One tender on the payment. `change_minor` is what goes back from this very tender; a `fixed` one

    follows from the basket.
    """

    tender_code: str
    tender_kind: str
    name: str
    amount_minor: int
    change_minor: int = 0
    reference: str | None = None
    fixed: bool = False
    name_en: str = ""


@dataclass(frozen=True, slots=True)
class PaymentView:
    """The state of a payment. `total_minor` depends on the tenders: only cash is rounded.

    Attributes:
        remaining_minor: still to pay (0 when covered).
        suggested_minor: cash amounts to touch: exact, then the next 10, 50 and 100, each once.
        due_minor: (tender_code, what that tender would have to pay now) for each tender type.
    """

    total_minor: int
    paid_minor: int
    remaining_minor: int
    change_minor: int
    tenders: tuple[TenderView, ...]
    can_finish: bool
    cash_rounding_minor: int = 0
    suggested_minor: tuple[int, ...] = ()
    tender_types: tuple[TenderTypeView, ...] = ()
    due_minor: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class CompletedSale:
    """A sale that is on disk: only now may success be shown.

    Attributes:
        number: the document's number in its series.
        series_label: the short name that is printed before the number.
        refund_minor: of an exchange: what goes back in money besides.
    """

    number: int
    series_label: str
    document_id: str
    receipt: Receipt
    change_minor: int
    total_minor: int
    cash_rounding_minor: int = 0
    currency: str = "CNY"
    exponent: int = 2
    refund_minor: int = 0


@dataclass(frozen=True, slots=True)
class ChargeView:
    """A charge at the card terminal. `outcome`: approved | declined | unknown | reversed | not_found."""

    reference: str
    tender_code: str
    amount_minor: int
    outcome: str
    approval: str = ""
    reason: str = ""
