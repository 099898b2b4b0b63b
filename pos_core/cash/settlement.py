"""What a shift was settled at: what should be in the till beside what was counted, as a document's body."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pos_core.cash.shift_totals import ShiftTotals, TenderTotal

if TYPE_CHECKING:
    from pos_core.cash.report import Cover, GrandTotals


@dataclass(frozen=True, slots=True)
class SettledTender:
    """One tender of a settlement. `counted_minor` is None where nobody counts it: it is taken as expected."""

    tender_code: str
    tender_kind: str
    expected_minor: int
    counted_minor: int | None

    @property
    def difference_minor(self) -> int:
        """Above zero: over; below zero: short; 0 where nobody counts."""
        return 0 if self.counted_minor is None else self.counted_minor - self.expected_minor


def compare(totals: ShiftTotals, counted_minor: Mapping[str, tuple[str, int]]) -> tuple[SettledTender, ...]:
    """Expected beside counted, by tender code. `counted_minor`: tender code → (kind, amount)."""
    codes = sorted({*totals.tenders, *counted_minor})
    return tuple(_settled(code, totals.tenders.get(code), counted_minor.get(code)) for code in codes)


def _settled(code: str, total: TenderTotal | None, counted: tuple[str, int] | None) -> SettledTender:
    kind = total.tender_kind if total is not None else counted[0] if counted is not None else ""
    expected = 0 if total is None else total.expected_minor
    return SettledTender(code, kind, expected, None if counted is None else counted[1])


def tender_rows(tenders: Sequence[SettledTender]) -> list[dict[str, Any]]:
    """As they stand in `shift_settled` and `till_handed_over`."""
    return [
        {
            "tender_code": tender.tender_code,
            "tender_kind": tender.tender_kind,
            "expected_minor": tender.expected_minor,
            "counted_minor": tender.counted_minor,
        }
        for tender in tenders
    ]


def settlement_body(
    *,
    z_number: int,
    currency: str,
    exponent: int,
    covers: Sequence[Cover],
    totals: ShiftTotals,
    tenders: Sequence[SettledTender],
    grand: GrandTotals,
    count_number: int,
    held_ids: Sequence[str],
    reason_code: str | None,
    reason: str | None,
) -> dict[str, Any]:
    """The body of `shift_settled`; `covers` has the shift's documents, the last series last."""
    return {
        "z_number": z_number,
        "currency": currency,
        "exponent": exponent,
        "first_number": covers[-1].first_number,
        "last_number": covers[-1].last_number,
        "covers": [cover.as_value() for cover in covers],
        "tenders": tender_rows(tenders),
        "sale_count": totals.sale_count,
        "return_count": totals.return_count,
        "sales_minor": totals.sales_minor,
        "returns_minor": totals.returns_minor,
        "discount_minor": totals.discount_minor,
        "tax_minor": totals.tax_minor,
        "cash_rounding_minor": totals.cash_rounding_minor,
        "no_sale_count": totals.no_sale_count,
        "grand_sales_minor": grand.sales_minor,
        "grand_returns_minor": grand.returns_minor,
        "count_number": count_number,
        "held_ids": list(held_ids),
        "reason_code": reason_code,
        "reason": reason,
    }
