"""What goes back is never more than was paid."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pos_core.sale.returns import NotReturnable, ReturnableLine, ReturnedTooMuch


def test_three_of_one_yuan_go_back_in_parts_that_add_up() -> None:
    line, refunds = ReturnableLine(3000, 100), []
    for _ in range(3):
        refund, line = line.give_back(1000)
        refunds.append(refund)
    assert refunds == [33, 34, 33] and line.left_milli == 0


@given(st.integers(1, 50), st.integers(0, 10**9), st.data())
def test_partial_returns_in_any_order_end_at_exactly_what_was_paid(
    pieces: int, net: int, data: st.DataObject
) -> None:
    line, refunded = ReturnableLine(pieces * 1000, net), 0
    while line.left_milli:
        refund, line = line.give_back(1000 * data.draw(st.integers(1, line.left_milli // 1000)))
        refunded += refund
        assert refund >= 0 and refunded <= net
    assert refunded == net


@pytest.mark.parametrize("quantity", [0, -1000, 2001])
def test_more_than_is_left_is_refused(quantity: int) -> None:
    with pytest.raises(ReturnedTooMuch) as refused:
        ReturnableLine(3000, 100, 1000, 33).give_back(quantity)
    assert refused.value.facts["left_milli"] == 2000


@pytest.mark.parametrize("line", [ReturnableLine(0, 199), ReturnableLine(1000, -29)])
def test_a_line_that_was_not_paid_for_does_not_go_back(line: ReturnableLine) -> None:
    with pytest.raises(NotReturnable):
        line.give_back(1000)
