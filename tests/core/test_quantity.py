"""Quantities in thousandths."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pos_core.quantity import QUANTITY_MILLI_MAX, BadQuantity, format_quantity, is_whole, parse_quantity


@pytest.mark.parametrize(
    ("text", "milli"), [("3", 3000), ("0.452", 452), ("1.5", 1500), ("1000000000", 10**12)]
)
def test_text_becomes_thousandths(text: str, milli: int) -> None:
    assert parse_quantity(text) == milli


@pytest.mark.parametrize("text", ["0", "0.000", "-1", "1.2345", "", "x", "1000000000.001", "三"])
def test_what_is_no_quantity_is_refused(text: str) -> None:
    with pytest.raises(BadQuantity) as refused:
        parse_quantity(text)
    assert refused.value.facts["text"] == text


@given(st.integers(1, QUANTITY_MILLI_MAX))
def test_formatting_and_parsing_are_inverse(milli: int) -> None:
    assert parse_quantity(format_quantity(milli)) == milli


def test_formatting_drops_trailing_zeros_and_keeps_the_sign() -> None:
    assert [format_quantity(milli) for milli in (3000, 450, -1500, 0)] == ["3", "0.45", "-1.5", "0"]


def test_whole_means_whole_pieces() -> None:
    assert is_whole(3000) and is_whole(0) and not is_whole(2999)
