"""Money as text and as integers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pos_core.money import AMOUNT_MINOR_MAX, BadAmount, Money, currency_exponent, format_minor, parse_minor

AMOUNTS = st.integers(-AMOUNT_MINOR_MAX, AMOUNT_MINOR_MAX)


@pytest.mark.parametrize(
    ("text", "exponent", "minor"),
    [
        ("12.34", 2, 1234),
        ("12.3", 2, 1230),
        ("12", 2, 1200),
        ("-0.01", 2, -1),
        (" 7 ", 0, 7),
        ("1.234", 3, 1234),
    ],
)
def test_text_becomes_minor_units(text: str, exponent: int, minor: int) -> None:
    assert parse_minor(text, exponent) == minor


@pytest.mark.parametrize(
    "text",
    ["", "-", ".", "1.", ".5", "1.234", "1,000", "1e3", "٣", "²", "0x1", "+1", "--1", "1 0", "nan", "9" * 30],
)
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(BadAmount):
        parse_minor(text, 2)


def test_an_amount_beyond_what_json_keeps_exact_is_refused() -> None:
    assert parse_minor("90071992547409.91") == AMOUNT_MINOR_MAX
    with pytest.raises(BadAmount):
        parse_minor("90071992547409.92")
    with pytest.raises(BadAmount):
        Money(AMOUNT_MINOR_MAX + 1)


@given(AMOUNTS, st.integers(0, 4))
def test_formatting_and_parsing_are_inverse(amount: int, exponent: int) -> None:
    assert parse_minor(format_minor(amount, exponent), exponent) == amount


@pytest.mark.parametrize(
    ("currency", "exponent"), [("CNY", 2), ("JPY", 0), ("KWD", 3), ("CLF", 4), ("EUR", 2)]
)
def test_currencies_have_their_own_exponent(currency: str, exponent: int) -> None:
    assert currency_exponent(currency) == exponent


@pytest.mark.parametrize("currency", ["", "cny", "CN", "CNYX", "C1Y", "人民币"])
def test_a_malformed_currency_is_refused(currency: str) -> None:
    with pytest.raises(BadAmount):
        currency_exponent(currency)
