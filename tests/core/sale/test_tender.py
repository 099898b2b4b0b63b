"""Paying: over and under, change, split, cash rounding."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pos_core.catalog.store import TenderType
from pos_core.errors import TidemarkError
from pos_core.money import AMOUNT_MINOR_MAX
from pos_core.sale.cash_rounding import CashRounding
from pos_core.sale.tender import TENDERS_MAX, NotFullyPaid, Payment, UnknownTenderLine
from tests.fakes.core_values import CARD, CASH, MOBILE, VOUCHER

DOWN_TO_JIAO = CashRounding(10, "down")
DOWN_TO_YUAN = CashRounding(100, "down")
UP_TO_JIAO = CashRounding(10, "half_up")


def _pay(
    net_minor: int, *tenders: tuple[TenderType, int | None], rounding: CashRounding | None = None
) -> Payment:
    payment = Payment(net_minor, rounding or CashRounding())
    for tender_type, amount_minor in tenders:
        payment = payment.add(tender_type, amount_minor)
    return payment


def test_cash_above_the_total_gives_change() -> None:
    payment = _pay(1234, (CASH, 2000))
    assert (payment.change_minor, payment.remaining_minor, payment.can_finish) == (766, 0, True)
    assert [(line.amount_minor, line.change_minor) for line in payment.lines()] == [(2000, 766)]


def test_too_little_leaves_a_rest_and_cannot_finish() -> None:
    payment = _pay(1234, (CASH, 1000))
    assert (payment.remaining_minor, payment.change_minor, payment.can_finish) == (234, 0, False)
    with pytest.raises(NotFullyPaid) as refused:
        payment.lines()
    assert refused.value.facts["remaining_minor"] == 234


def test_a_split_pays_the_rest_with_no_amount_named() -> None:
    payment = _pay(1234, (MOBILE, 1000), (CARD, None))
    assert [line.amount_minor for line in payment.lines()] == [1000, 234]


@pytest.mark.parametrize(
    ("rounding", "tenders", "rounded", "total"),
    [  # the worked table of docs/documents.md, "Cash rounding"
        (CashRounding(), [(CASH, None)], 0, 1234),
        (DOWN_TO_JIAO, [(CASH, None)], -4, 1230),
        (DOWN_TO_YUAN, [(CARD, 200), (CASH, None)], -34, 1200),
        (DOWN_TO_YUAN, [(CARD, None)], 0, 1234),
        (UP_TO_JIAO, [(CASH, None)], -4, 1230),
    ],
)
def test_only_what_is_paid_in_cash_is_rounded(
    rounding: CashRounding, tenders: list[Any], rounded: int, total: int
) -> None:
    payment = _pay(1234, *tenders, rounding=rounding)
    assert (payment.cash_rounding_minor, payment.total_minor, payment.can_finish) == (rounded, total, True)


def test_halves_round_up_in_cash() -> None:
    payment = _pay(1235, (CASH, None), rounding=UP_TO_JIAO)
    assert (payment.cash_rounding_minor, payment.total_minor) == (5, 1240)


def test_the_order_of_a_split_may_be_cash_first() -> None:
    payment = _pay(1234, (CASH, 500), rounding=DOWN_TO_JIAO)
    assert payment.remaining_minor == 730 and payment.due_for(CASH) == 730 and payment.due_for(CARD) == 734
    assert payment.add(CARD).total_minor == 1234


def test_rounding_may_leave_nothing_to_pay() -> None:
    payment = _pay(4, (CASH, None), rounding=DOWN_TO_JIAO)
    assert (payment.total_minor, payment.can_finish) == (0, True)
    assert [(line.amount_minor, line.change_minor) for line in payment.lines()] == [(0, 0)]


def test_lines_below_zero_are_handed_out_as_change() -> None:
    payment = _pay(-250, (CASH, None), rounding=DOWN_TO_JIAO)
    assert [(line.amount_minor, line.change_minor) for line in payment.lines()] == [(0, 250)]
    assert not Payment(-250).can_finish


def test_a_sale_for_nothing_needs_no_tender() -> None:
    assert Payment(0).can_finish and Payment(0).lines() == ()


@pytest.mark.parametrize(
    ("net", "tenders", "code"),
    [
        (1234, [(CARD, 1235)], "tender_too_high"),
        (1234, [(CARD, 0)], "bad_amount"),
        (1234, [(CASH, -1)], "bad_amount"),
        (1234, [(CASH, 0)], "bad_amount"),
        (1234, [(CASH, AMOUNT_MINOR_MAX + 1)], "bad_amount"),
        (1234, [(CASH, None), (CARD, 1)], "already_paid"),
        (0, [(CASH, None)], "nothing_to_pay"),
        (-5, [(CARD, None)], "bad_amount"),
        (1234, [(CASH, 1)] * (TENDERS_MAX + 1), "already_paid"),
    ],
)
def test_wrong_tenders_are_refused_with_their_code(net: int, tenders: list[Any], code: str) -> None:
    with pytest.raises(TidemarkError) as refused:
        _pay(net, *tenders)
    assert refused.value.code == code


def test_change_beyond_the_shops_limit_is_refused() -> None:
    payment = Payment(1234, change_max_minor=10_000)
    assert payment.add(CASH, 11_234).change_minor == 10_000
    with pytest.raises(TidemarkError) as refused:
        payment.add(CASH, 11_235)
    assert (refused.value.code, refused.value.facts) == ("change_too_high", {"maximum_minor": 10_000})


def test_change_comes_out_of_the_last_tender_that_gives_it() -> None:
    payment = _pay(1000, (CASH, 900), (VOUCHER, 500))
    assert [line.change_minor for line in payment.lines()] == [0, 400]


def test_a_removed_tender_is_due_again() -> None:
    payment = _pay(1234, (CASH, 500), (CARD, None))
    assert payment.remove(1) == _pay(1234, (CASH, 500))
    for index in (-1, 2):
        with pytest.raises(UnknownTenderLine):
            payment.remove(index)


STEP = st.tuples(
    st.sampled_from([CASH, MOBILE, CARD, VOUCHER]), st.none() | st.integers(-5, 30_000), st.integers(0, 9)
)


@given(
    st.integers(-500, 20_000),
    st.sampled_from([CashRounding(), DOWN_TO_JIAO, DOWN_TO_YUAN, UP_TO_JIAO, CashRounding(100, "half_up")]),
    st.lists(STEP, max_size=10),
)
def test_any_course_of_a_payment_keeps_money_whole(
    net: int, rounding: CashRounding, steps: list[tuple[TenderType, int | None, int]]
) -> None:
    """Change is never negative, no tender gives back more than it took, nothing is rounded but cash."""
    payment = Payment(net, rounding)
    for tender_type, amount, choice in steps:
        try:
            payment = payment.remove(0) if choice == 0 else payment.add(tender_type, amount)
        except TidemarkError:
            continue
        assert payment.change_minor >= 0 and payment.remaining_minor >= 0
        assert not (payment.change_minor and payment.remaining_minor)
    if not payment.can_finish:
        return
    lines = payment.lines()
    assert sum(line.amount_minor - line.change_minor for line in lines) == payment.total_minor
    assert payment.total_minor == net + payment.cash_rounding_minor
    assert abs(payment.cash_rounding_minor) < rounding.step_minor
    for line in lines:
        assert line.change_minor >= 0 and (net < 0 or line.change_minor <= line.amount_minor)
        assert line.tender_kind in ("cash", "voucher") or line.change_minor == 0
    if all(line.tender_kind != "cash" for line in lines):
        assert payment.cash_rounding_minor == 0
