"""Check digits and the 14-digit form."""

from __future__ import annotations

import biip.checksums
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pos_core.catalog.gtin import (
    GTIN_LENGTHS,
    BadCheckDigit,
    NotABarcode,
    check_digit,
    normalise_gtin,
    short_gtin,
    with_check_digit,
)

DIGITS = st.text("0123456789", min_size=1, max_size=20)


@pytest.mark.parametrize(
    ("text", "gtin14"),
    [
        ("6291041500213", "06291041500213"),  # GS1's own example of an EAN-13
        ("73513537", "00000073513537"),  # EAN-8
        ("036000291452", "00036000291452"),  # UPC-A
        ("10614141000415", "10614141000415"),  # GTIN-14 of a case
        ("  6901234567892\n", "06901234567892"),
    ],
)
def test_every_length_becomes_fourteen_digits(text: str, gtin14: str) -> None:
    assert normalise_gtin(text) == gtin14


@given(DIGITS)
def test_our_check_digit_is_that_of_another_implementation(digits: str) -> None:
    assert int(check_digit(digits)) == biip.checksums.gs1_standard_check_digit(digits)


@given(st.sampled_from(GTIN_LENGTHS), st.data())
def test_one_wrong_digit_is_always_found_and_the_right_one_named(length: int, data: st.DataObject) -> None:
    body = data.draw(
        st.text("0123456789", min_size=length - 1, max_size=length - 1).filter(lambda t: t.strip("0"))
    )
    code = with_check_digit(body)
    assert normalise_gtin(code) == code.zfill(14)
    place = data.draw(st.integers(0, length - 1))
    wrong = code[:place] + str((int(code[place]) + data.draw(st.integers(1, 9))) % 10) + code[place + 1 :]
    if wrong.strip("0"):
        with pytest.raises(BadCheckDigit) as refused:
            normalise_gtin(wrong)
        assert refused.value.facts == {"seen": wrong, "expected": check_digit(wrong[:-1])}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1",
        "690123456789",
        "69012345678921",
        "6901234567892x",
        "690-1234567892",
        "０" * 13,
        "²" * 8,
        "0" * 13,
    ],
)
def test_what_is_no_barcode_is_refused(text: str) -> None:
    with pytest.raises((NotABarcode, BadCheckDigit)):
        normalise_gtin(text)


def test_wrong_length_is_not_called_a_wrong_check_digit() -> None:
    with pytest.raises(NotABarcode) as refused:
        normalise_gtin("12345")
    assert refused.value.facts["seen"] == "12345"


@pytest.mark.parametrize("text", ["6291041500213", "73513537", "10614141000415"])
def test_people_see_the_form_they_know(text: str) -> None:
    assert short_gtin(normalise_gtin(text)) == text
