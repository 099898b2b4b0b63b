"""What should be in the till: a fold over a shift's documents, tender by tender.

expected = opening float + taken in sales − change − paid out in returns + loans + paid in − pickups
− paid out. Float and change are cash; every other tender is expected as it was taken.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from pos_core.errors import InvalidInput
from pos_core.rounding import checked_amount

MovementKind = Literal["loan", "pickup", "paid_in", "paid_out"]
_SIGNS: dict[str, int] = {"loan": 1, "paid_in": 1, "pickup": -1, "paid_out": -1}


class BadMovementKind(InvalidInput):
    """A tender movement that is none of loan, pickup, paid_in, paid_out."""

    code = "bad_movement_kind"


@dataclass(frozen=True, slots=True)
class TenderTotal:
    """One tender in a shift. `expected_minor` is what a count should find."""

    tender_code: str
    tender_kind: str
    float_minor: int = 0
    sales_minor: int = 0
    returns_minor: int = 0
    movements_minor: int = 0

    @property
    def expected_minor(self) -> int:
        """float + sales − returns ± movements."""
        return checked_amount(self.float_minor + self.sales_minor - self.returns_minor + self.movements_minor)


@dataclass(frozen=True, slots=True)
class ShiftTotals:
    """The sums of a shift so far, as a value; `add` takes its documents in the order they were written.

    Attributes:
        sales_minor, returns_minor: Σ `total_minor`, both as positive as they were.
    """

    tenders: Mapping[str, TenderTotal] = field(default_factory=dict)
    sale_count: int = 0
    return_count: int = 0
    sales_minor: int = 0
    returns_minor: int = 0
    discount_minor: int = 0
    tax_minor: int = 0
    cash_rounding_minor: int = 0
    no_sale_count: int = 0

    @classmethod
    def opened(cls, float_minor: int, *, cash_tender_code: str = "cash") -> ShiftTotals:
        """At the start: the float alone, in cash."""
        return cls({cash_tender_code: TenderTotal(cash_tender_code, "cash", float_minor=float_minor)})

    def add(self, document_type: str, body: Mapping[str, Any]) -> ShiftTotals:
        """With one more document; types that move no money change nothing (a no-sale is counted)."""
        if document_type == "sale":
            return self._trade(body, 1)
        if document_type == "return":
            return self._trade(body, -1)
        if document_type == "tender_movement":
            return self._movement(body)
        if document_type == "no_sale":
            return replace(self, no_sale_count=self.no_sale_count + 1)
        return self

    def _trade(self, body: Mapping[str, Any], sign: int) -> ShiftTotals:
        tenders = dict(self.tenders)
        for tender in body["tenders"]:
            code = tender["tender_code"]
            before = tenders.get(code) or TenderTotal(code, tender["tender_kind"])
            moved = tender["amount_minor"] - tender["change_minor"]
            tenders[code] = (
                replace(before, sales_minor=before.sales_minor + moved)
                if sign > 0
                else replace(before, returns_minor=before.returns_minor + moved)
            )
        total = body["total_minor"]
        return replace(
            self,
            tenders=tenders,
            sale_count=self.sale_count + (sign > 0),
            return_count=self.return_count + (sign < 0),
            sales_minor=self.sales_minor + (total if sign > 0 else 0),
            returns_minor=self.returns_minor + (total if sign < 0 else 0),
            discount_minor=self.discount_minor + sign * body["discount_minor"],
            tax_minor=self.tax_minor + sign * body["tax_minor"],
            cash_rounding_minor=self.cash_rounding_minor + sign * body["cash_rounding_minor"],
        )

    def _movement(self, body: Mapping[str, Any]) -> ShiftTotals:
        sign = _SIGNS.get(body["kind"])
        if sign is None:
            raise BadMovementKind(f"{body['kind']!r} is no movement", kind=str(body["kind"]))
        code = body["tender_code"]
        before = self.tenders.get(code) or TenderTotal(code, "cash")
        after = replace(before, movements_minor=before.movements_minor + sign * body["amount_minor"])
        return replace(self, tenders={**self.tenders, code: after})
