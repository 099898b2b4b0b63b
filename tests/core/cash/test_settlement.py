"""Expected cash is a fold over the shift's documents."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pos_core.cash.shift_totals import BadMovementKind, ShiftTotals
from pos_core.sale.cash_rounding import CashRounding
from pos_core.sale.sale_body import sale_body
from pos_core.sale.tender import Payment
from tests.fakes.core_values import CARD, CASH, a_basket, a_line


def _sale(net: int, cash: int | None) -> dict[str, Any]:
    payment = Payment(net, CashRounding(10, "down"))
    return sale_body(a_basket(a_line(net)), payment.add(CARD) if cash is None else payment.add(CASH, cash))


def _movement(kind: str, amount: int) -> dict[str, Any]:
    return {"kind": kind, "tender_code": "cash", "amount_minor": amount}


def test_expected_cash_follows_the_formula() -> None:
    totals = ShiftTotals.opened(20_000)
    for kind, body in [
        ("sale", _sale(1234, 5000)),  # 12.30 stays
        ("sale", _sale(1000, None)),  # card
        ("return", _sale(500, 500)),
        ("tender_movement", _movement("loan", 300)),
        ("tender_movement", _movement("paid_in", 20)),
        ("tender_movement", _movement("pickup", 10_000)),
        ("tender_movement", _movement("paid_out", 7)),
        ("no_sale", {"reason": "change"}),
        ("signed_off", {"reason": "asked"}),
    ]:
        totals = totals.add(kind, body)
    assert totals.tenders["cash"].expected_minor == 20_000 + 1230 - 500 + 300 + 20 - 10_000 - 7
    assert totals.tenders["card"].expected_minor == 1000
    assert (totals.sale_count, totals.return_count, totals.no_sale_count) == (2, 1, 1)
    assert (totals.sales_minor, totals.returns_minor, totals.cash_rounding_minor) == (2230, 500, -4)


@given(st.integers(0, 10**6), st.lists(st.tuples(st.integers(10, 10**5), st.booleans()), max_size=15))
def test_takings_of_all_tenders_are_the_totals_of_the_sales(
    opening: int, sales: list[tuple[int, bool]]
) -> None:
    totals = ShiftTotals.opened(opening)
    for net, card in sales:
        totals = totals.add("sale", _sale(net, None if card else net))
    assert sum(row.expected_minor for row in totals.tenders.values()) == opening + totals.sales_minor
    assert totals.sales_minor == sum(net for net, _ in sales) + totals.cash_rounding_minor


def test_an_unknown_movement_is_refused() -> None:
    with pytest.raises(BadMovementKind):
        ShiftTotals.opened(0).add("tender_movement", _movement("gift", 1))
