"""A report's figures are the sums of the documents it covers, whatever the documents and their order."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pos_core.cash.report import GrandTotals, ReportSums, Sum, sums_of
from pos_core.sale.cash_rounding import CashRounding
from pos_core.sale.line_item import Discount
from pos_core.sale.sale_body import sale_body
from pos_core.sale.tender import Payment
from tests.fakes.core_values import CARD, CASH, a_basket, a_line

Document = tuple[str, dict[str, Any]]


def trade(kind: str, net: int, cash: int | None, discount: int = 0) -> Document:
    line = a_line(net + discount)
    if discount:
        line = line_with(line, discount)
    payment = Payment(net, CashRounding(10, "down"))
    paid = payment.add(CARD) if cash is None else payment.add(CASH, max(cash, net))
    return kind, sale_body(a_basket(line), paid)


def line_with(line: Any, discount: int) -> Any:
    return replace(line, discounts=(Discount("manual", "e2", "折扣", discount),))


def movement(kind: str, amount: int) -> Document:
    return "tender_movement", {"kind": kind, "tender_code": "cash", "amount_minor": amount}


AMOUNTS = st.integers(10, 10**6)
DOCUMENTS = st.one_of(
    st.builds(
        trade,
        st.sampled_from(["sale", "return"]),
        AMOUNTS,
        st.none() | st.integers(0, 2 * 10**6),
        st.integers(0, 500),
    ),
    st.builds(movement, st.sampled_from(["loan", "pickup", "paid_in", "paid_out"]), AMOUNTS),
    st.just(("no_sale", {"reason": "change"})),
    st.just(("receipt_reprinted", {"incarnation": 1, "number": 1})),
    st.just(("override_approved", {"kind": "void", "approved_by": "e2", "reason": None})),
    st.just(("till_counted", {"purpose": "spot", "tenders": []})),
    st.builds(lambda amount: ("basket_abandoned", {"subtotal_minor": amount, "lines": []}), AMOUNTS),
    st.just(("signed_on", {"role": "cashier"})),
)


@given(st.integers(0, 10**6), st.lists(DOCUMENTS, max_size=25), st.randoms())
def test_every_figure_is_the_sum_of_the_documents_in_any_order(
    opening: int, documents: list[Document], random: Any
) -> None:
    day = [("shift_opened", {"float_minor": opening, "tender_code": "cash"}), *documents]
    sums = sums_of(day)
    trades = [(kind, body) for kind, body in documents if kind in ("sale", "return")]
    sign = {"sale": 1, "return": -1}
    assert sums.totals.sales_minor == sum(b["total_minor"] for k, b in trades if k == "sale")
    assert sums.totals.returns_minor == sum(b["total_minor"] for k, b in trades if k == "return")
    assert sums.totals.tax_minor == sum(sign[k] * b["tax_minor"] for k, b in trades)
    assert sum(tax.tax_minor for tax in sums.taxes.values()) == sums.totals.tax_minor
    moved = {"loan": 1, "paid_in": 1, "pickup": -1, "paid_out": -1}
    in_cash = sum(
        sign[k] * (t["amount_minor"] - t["change_minor"])
        for k, b in trades
        for t in b["tenders"]
        if t["tender_code"] == "cash"
    )
    by_hand = sum(moved[b["kind"]] * b["amount_minor"] for k, b in documents if k == "tender_movement")
    assert sums.totals.tenders["cash"].expected_minor == opening + in_cash + by_hand
    for kind, total in sums.movements.items():
        amounts = [b["amount_minor"] for k, b in documents if k == "tender_movement" and b["kind"] == kind]
        assert total == Sum(len(amounts), sum(amounts))
    assert sums.document_count == 1 + sum(k != "signed_on" for k, _ in documents)
    random.shuffle(day)
    assert sums_of(day) == sums


@given(st.lists(st.tuples(st.sampled_from(["sale", "return"]), st.integers(-(10**6), 10**6)), max_size=30))
def test_grand_totals_never_fall(trades: list[tuple[str, int]]) -> None:
    grand = GrandTotals()
    for kind, total in trades:
        after = grand.add(kind, total)
        assert after.sales_minor >= grand.sales_minor and after.returns_minor >= grand.returns_minor
        assert (after.sales_minor + after.returns_minor) - (grand.sales_minor + grand.returns_minor) == abs(
            total
        )
        grand = after
    net = sum(total if kind == "sale" else -total for kind, total in trades)
    assert grand.sales_minor - grand.returns_minor == net


def test_manual_discounts_and_voided_lines_are_counted_by_line() -> None:
    kind, body = trade("sale", 1000, None, 120)
    body = {**body, "voided_lines": [{"list_minor": 350}, {"list_minor": 50}]}
    sums = ReportSums().add(kind, body)
    assert (sums.manual, sums.voided) == (Sum(1, 120), Sum(2, 400))


@pytest.mark.parametrize("kind", ["signed_on", "member_joined", "from_the_future"])
def test_what_is_not_reported_changes_nothing(kind: str) -> None:
    assert ReportSums().add(kind, {}) == ReportSums()
