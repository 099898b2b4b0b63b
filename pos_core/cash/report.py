"""What a report of a shift or a day says: one fold over documents, the same for X, Z and head office.

Promise P6: a report names the documents that it covers, and each of its figures is their sum.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from pos_core.cash.count import OPENED_TO_COUNT
from pos_core.cash.shift_totals import ShiftTotals, TenderTotal
from pos_core.customer.stored_value import purse_minor

REPORTED_TYPES = (
    "shift_opened",
    "sale",
    "return",
    "tender_movement",
    "no_sale",
    "basket_abandoned",
    "receipt_reprinted",
    "override_approved",
    "till_counted",
)
"""Types that a report counts; all others move none of its figures."""


@dataclass(frozen=True, slots=True)
class Cover:
    """Documents `first_number` to `last_number` of one series, both included."""

    workstation_id: str
    incarnation: int
    first_number: int
    last_number: int

    def as_value(self) -> dict[str, Any]:
        """As it stands in `shift_settled`."""
        return {
            "workstation_id": self.workstation_id,
            "incarnation": self.incarnation,
            "first_number": self.first_number,
            "last_number": self.last_number,
        }


@dataclass(frozen=True, slots=True)
class Sum:
    """How often, and how much in all."""

    count: int = 0
    amount_minor: int = 0

    def plus(self, amount_minor: int) -> Sum:
        """With one more."""
        return Sum(self.count + 1, self.amount_minor + amount_minor)


@dataclass(frozen=True, slots=True)
class TaxSum:
    """Net and tax of one rate, returns taken off."""

    net_minor: int = 0
    tax_minor: int = 0


@dataclass(frozen=True, slots=True)
class ReportSums:
    """The figures of a report. `add` takes documents in any order.

    Attributes:
        taxes: rate in parts per million → sums.
        movements: kind of tender movement → sum.
        voided: lines that were taken off before payment, in sales and given-up baskets alike.
        manual: discounts that a person gave.
        counts: how often the till was counted.
        count_openings: openings of the drawer for a count; `totals.no_sale_count` has them too.
        purses: reason of a movement of stored value → sum, signed as the purse moved.
        deposits: lines that are deposits: charged less given back.
        purse_minor: money put on purses and gift cards less what was paid out of them, as lines.
    """

    totals: ShiftTotals = field(default_factory=ShiftTotals)
    taxes: Mapping[int, TaxSum] = field(default_factory=dict)
    movements: Mapping[str, Sum] = field(default_factory=dict)
    voided: Sum = Sum()
    abandoned: Sum = Sum()
    manual: Sum = Sum()
    reprint_count: int = 0
    override_count: int = 0
    counts: int = 0
    count_openings: int = 0
    purses: Mapping[str, Sum] = field(default_factory=dict)
    deposits: Sum = Sum()
    purse_minor: int = 0
    document_count: int = 0

    @property
    def net_minor(self) -> int:
        """All sales less all returns."""
        return self.totals.sales_minor - self.totals.returns_minor

    @property
    def net_sales_minor(self) -> int:
        """The same without money of purses and gift cards: what every board calls net sales."""
        return self.net_minor - self.purse_minor

    @property
    def no_sale_count(self) -> int:
        """Openings without a sale that were for no count: what somebody may ask about."""
        return self.totals.no_sale_count - self.count_openings

    def add(self, document_type: str, body: Mapping[str, Any]) -> ReportSums:
        """With one more document; types that are not reported change nothing."""
        if document_type not in REPORTED_TYPES:
            return self
        after = replace(self, document_count=self.document_count + 1)
        if document_type in ("sale", "return"):
            return after._trade(document_type, body)
        if document_type == "shift_opened":
            return replace(after, totals=_with_float(self.totals, body))
        if document_type == "tender_movement":
            kind, moved = body["kind"], body["amount_minor"]
            movements = {**self.movements, kind: self.movements.get(kind, Sum()).plus(moved)}
            return replace(after, totals=self.totals.add(document_type, body), movements=movements)
        if document_type == "basket_abandoned":
            return replace(after, abandoned=self.abandoned.plus(body["subtotal_minor"]))
        return after._counted(document_type, body)

    def _counted(self, document_type: str, body: Mapping[str, Any]) -> ReportSums:
        if document_type == "no_sale":
            opened = int(body.get("reason_code") == OPENED_TO_COUNT)
            totals = self.totals.add(document_type, body)
            return replace(self, totals=totals, count_openings=self.count_openings + opened)
        if document_type == "receipt_reprinted":
            return replace(self, reprint_count=self.reprint_count + 1)
        if document_type == "override_approved":
            return replace(self, override_count=self.override_count + 1)
        return replace(self, counts=self.counts + 1)

    def _trade(self, document_type: str, body: Mapping[str, Any]) -> ReportSums:
        sign = 1 if document_type == "sale" else -1
        taxes, manual, voided = dict(self.taxes), self.manual, self.voided
        for line in body["lines"]:
            before = taxes.get(line["tax_rate_ppm"], TaxSum())
            taxes[line["tax_rate_ppm"]] = TaxSum(
                before.net_minor + sign * line["net_minor"], before.tax_minor + sign * line["tax_minor"]
            )
            if sign > 0:
                for discount in line["discounts"]:
                    if discount["source"] == "manual":
                        manual = manual.plus(discount["amount_minor"])
        for line in body["voided_lines"]:
            voided = voided.plus(line["list_minor"])
        totals = self.totals.add(document_type, body)
        after = replace(self, totals=totals, taxes=taxes, manual=manual, voided=voided)
        return after._kept_for_shoppers(sign, body)

    def _kept_for_shoppers(self, sign: int, body: Mapping[str, Any]) -> ReportSums:
        """Money that is the shoppers': on purses, and in deposits."""
        purses, deposits = dict(self.purses), self.deposits
        for move in body.get("stored_value_movements") or ():
            purses[move["reason"]] = purses.get(move["reason"], Sum()).plus(move["amount_minor"])
        for line in body["lines"]:
            if line.get("kind") == "deposit":
                deposits = deposits.plus(sign * line["net_minor"])
        purse = self.purse_minor + sign * purse_minor(body["lines"])
        return replace(self, purses=purses, deposits=deposits, purse_minor=purse)


def sums_of(documents: Iterable[tuple[str, Mapping[str, Any]]]) -> ReportSums:
    """The figures of (type, body) pairs."""
    sums = ReportSums()
    for document_type, body in documents:
        sums = sums.add(document_type, body)
    return sums


def _with_float(totals: ShiftTotals, body: Mapping[str, Any]) -> ShiftTotals:
    code = body.get("tender_code", "cash")
    before = totals.tenders.get(code) or TenderTotal(code, "cash")
    with_float = replace(before, float_minor=before.float_minor + body["float_minor"])
    return replace(totals, tenders={**totals.tenders, code: with_float})


@dataclass(frozen=True, slots=True)
class GrandTotals:
    """All that was ever sold and taken back at a workstation. Neither figure ever falls.

    A recorded sale whose lines sum below zero counts as taken back, so no document can lower either.
    """

    sales_minor: int = 0
    returns_minor: int = 0

    def add(self, document_type: str, total_minor: int) -> GrandTotals:
        """With one more sale or return."""
        goes_out = (document_type == "return") != (total_minor < 0)
        amount = abs(total_minor)
        if goes_out:
            return replace(self, returns_minor=self.returns_minor + amount)
        return replace(self, sales_minor=self.sales_minor + amount)
