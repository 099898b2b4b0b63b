from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pos_client.devices.barcode import Code, read_code
from pos_core.catalog.gtin import BadCheckDigit, NotABarcode, with_check_digit
from pos_core.catalog.in_store_code import DEFAULT_IN_STORE_CODES, parse_layouts

LAYOUTS = parse_layouts(DEFAULT_IN_STORE_CODES)
GTIN = "09521234543213"


def read(text: str) -> Code:
    return read_code(text, LAYOUTS, exponent=2, currency="CNY")


@pytest.mark.parametrize(
    "text,gtin",
    [
        ("6901234567892", "06901234567892"),
        ("]E06901234567892\r\n", "06901234567892"),
        ("012345678905", "00012345678905"),
        ("96385074", "00000096385074"),
        (GTIN, GTIN),
        ("]d201" + GTIN + "1725123110LOT7", GTIN),
        ("(01)" + GTIN + "(10)LOT7", GTIN),
    ],
)
def test_gtins_in_all_their_forms(text: str, gtin: str) -> None:
    assert read(text).gtin == gtin


@pytest.mark.parametrize("text", ["6901234567893", "96385075", "0109521234543214310300045"])
def test_wrong_check_digits_are_told(text: str) -> None:
    with pytest.raises(BadCheckDigit):
        read(text)


def test_weight_and_price_of_an_element_string() -> None:
    code = read("]C101" + GTIN + "3103000452392201234\x1d10ABC")
    assert (code.gtin, code.weight_milli, code.amount_minor) == (GTIN, 452, 1234)
    assert read("01" + GTIN + "3101000012").weight_milli == 1200
    assert read("01" + GTIN + "3932156000999").amount_minor == 999
    with pytest.raises(NotABarcode):
        read("01" + GTIN + "3932840000999")
    assert read("02" + GTIN + "3712").count == 12


@pytest.mark.parametrize("text", ["]C110ABC", "01" + GTIN + "3922x", "01" + GTIN + "3103000000"])
def test_element_strings_that_sell_nothing_are_refused(text: str) -> None:
    with pytest.raises(NotABarcode):
        read(text)


def test_labels_of_the_store_s_scale() -> None:
    label = read(with_check_digit("210012301599"))
    assert (label.kind, label.label_code, label.amount_minor) == ("in_store", "00123", 1599)
    assert read(with_check_digit("230012300452")).weight_milli == 452
    both = read(with_check_digit("24" + "00123" + "00452" + "00579"))
    assert (both.weight_milli, both.amount_minor) == (452, 579)
    with pytest.raises(BadCheckDigit):
        read("2300123004520")


def test_short_digits_are_a_plu_and_the_rest_is_text() -> None:
    assert read("4011").plu == "4011"
    assert read("SKU-9").text == "SKU-9"
    assert read("123456789").text == "123456789"


@given(st.text(max_size=60) | st.from_regex(r"\A\]?[CdQe]?[0-9(]{0,30}\x1d?[0-9A-Z)]{0,20}\Z"))
def test_no_text_does_more_than_be_refused(text: str) -> None:
    with contextlib.suppress(BadCheckDigit, NotABarcode):
        code = read(text)
        assert sum(part is not None for part in (code.gtin, code.plu, code.label_code, code.text)) == 1
