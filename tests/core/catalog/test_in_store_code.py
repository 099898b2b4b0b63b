"""Labels of scales: layouts from a policy, amounts and weights in them."""

from __future__ import annotations

from typing import Any

import biip.checksums
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pos_core.catalog.gtin import BadCheckDigit, with_check_digit
from pos_core.catalog.in_store_code import (
    DEFAULT_IN_STORE_CODES,
    BadInStoreLayout,
    parse_layouts,
    price_check_digit,
    read_in_store_code,
)

DEFAULT = parse_layouts(DEFAULT_IN_STORE_CODES)
FIVE_FIVE = dict(DEFAULT_IN_STORE_CODES[0])


def _read(text: str, *policy: dict[str, Any], exponent: int = 2) -> Any:
    return read_in_store_code(text, parse_layouts(list(policy), exponent=exponent), exponent=exponent)


@pytest.mark.parametrize(
    ("digits", "code", "amount_minor", "weight_milli"),
    [
        ("210012301234", "00123", 1234, None),  # 5+5, price 12.34
        ("220123012345", "0123", 12345, None),  # 4+6, price 123.45
        ("230012300452", "00123", None, 452),  # 5+5, 0.452 kg
        ("24001230045201234", "00123", 1234, 452),  # 18 digits, both
    ],
)
def test_default_layouts_read_code_amount_and_weight(
    digits: str, code: str, amount_minor: int | None, weight_milli: int | None
) -> None:
    label = read_in_store_code(with_check_digit(digits), DEFAULT)
    assert label is not None
    assert (label.code, label.amount_minor, label.weight_milli) == (code, amount_minor, weight_milli)


@given(st.integers(0, 99999), st.integers(0, 99999))
def test_what_is_printed_is_what_is_read(code: int, value: int) -> None:
    label = read_in_store_code(with_check_digit(f"21{code:05d}{value:05d}"), DEFAULT)
    assert label is not None and (int(label.code), label.amount_minor) == (code, value)


def test_a_wrong_check_digit_is_refused_and_not_left_to_be_a_gtin() -> None:
    good = with_check_digit("210012301234")
    wrong = good[:-1] + str((int(good[-1]) + 1) % 10)
    with pytest.raises(BadCheckDigit) as refused:
        read_in_store_code(wrong, DEFAULT)
    assert refused.value.facts == {"seen": wrong, "expected": good[-1]}


@pytest.mark.parametrize("text", ["6901234567892", "2100", "abc", "", "21001230123４5", "2500123012340"])
def test_other_codes_are_left_alone(text: str) -> None:
    assert read_in_store_code(text, DEFAULT) is None


def test_without_a_check_digit_all_digits_carry_data() -> None:
    label = _read("2100123001234", {**FIVE_FIVE, "value_digits": 6, "check": False})
    assert (label.code, label.amount_minor) == ("00123", 1234)


@given(st.sampled_from([4, 5]), st.data())
def test_the_price_check_digit_is_that_of_another_implementation(digits: int, data: st.DataObject) -> None:
    value = data.draw(st.text("0123456789", min_size=digits, max_size=digits))
    assert int(price_check_digit(value)) == biip.checksums.gs1_price_weight_check_digit(value)


def test_an_inner_check_digit_is_off_by_default_and_checked_when_on() -> None:
    policy = {**FIVE_FIVE, "code_digits": 5, "value_digits": 4, "inner_check": True}
    good = with_check_digit("2100123" + price_check_digit("2875") + "2875")
    assert _read(good, policy).amount_minor == 2875
    with pytest.raises(BadCheckDigit):
        _read(with_check_digit("2100123" + "0" + "2875"), policy)
    assert parse_layouts([FIVE_FIVE])[0].inner_check is False


def test_the_longest_prefix_wins_in_any_order_of_the_policy() -> None:
    two = {**FIVE_FIVE, "prefix": "2", "code_digits": 6}
    text = with_check_digit("210012301234")
    for policy in ([two, FIVE_FIVE], [FIVE_FIVE, two]):
        assert _read(text, *policy).code == "00123"


@pytest.mark.parametrize(
    ("value", "value_exponent", "exponent", "minor"),
    [("amount", 0, 2, 123400), ("amount", 2, 3, 12340), ("amount", 0, 0, 1234)],
)
def test_amounts_scale_to_the_currency(value: str, value_exponent: int, exponent: int, minor: int) -> None:
    policy = {**FIVE_FIVE, "value": value, "value_exponent": value_exponent}
    assert _read(with_check_digit("210012301234"), policy, exponent=exponent).amount_minor == minor


def test_weights_in_ten_grams_become_thousandths() -> None:
    label = _read(with_check_digit("210012300045"), {**FIVE_FIVE, "value": "weight", "value_exponent": 2})
    assert (label.amount_minor, label.weight_milli) == (None, 450)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"length": 14}, "length"),
        ({"value": "price"}, "kind"),
        ({"value_exponent": 3}, "exponent"),
        ({"value_exponent": True}, "range"),
        ({"prefix": ""}, "not_digits"),
        ({"prefix": "2x"}, "not_digits"),
        ({"code_digits": 0}, "range"),
        ({"check": 1}, "flag"),
        ({"inner_check": True, "code_digits": 3, "value_digits": 6}, "inner_check"),
        ({"second": "weight"}, "second"),
        ({"second_digits": 1, "code_digits": 4}, "second"),
        ({"second_digits": 1, "code_digits": 4, "second": "amount"}, "second"),
        ({"valu": 1}, "unknown_key"),
    ],
)
def test_a_layout_that_describes_no_code_is_refused(change: dict[str, Any], reason: str) -> None:
    with pytest.raises(BadInStoreLayout) as refused:
        parse_layouts([{**FIVE_FIVE, **change}])
    assert refused.value.facts["reason"] == reason
    assert str(refused.value.facts["path"]).startswith("in_store_codes[0]")


@pytest.mark.parametrize(
    ("policy", "reason"), [({}, "not_a_list"), (["x"], "not_an_object"), ([FIVE_FIVE] * 2, "ambiguous")]
)
def test_a_policy_that_is_no_list_of_different_layouts_is_refused(policy: Any, reason: str) -> None:
    with pytest.raises(BadInStoreLayout) as refused:
        parse_layouts(policy)
    assert refused.value.facts["reason"] == reason
