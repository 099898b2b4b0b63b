"""Numbers of gift cards: the check digit finds what a hand mistypes, and nothing else looks like one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pos_core.customer.gift_card import card_account, is_card_account, is_gift_card, with_check_digit
from pos_core.customer.phone import e164
from pos_core.customer.stored_value import member_account, member_of

DIGITS = st.sampled_from([15, 18]).flatmap(lambda n: st.from_regex(rf"[1-9][0-9]{{{n - 1}}}", fullmatch=True))


@given(DIGITS, st.data())
def test_one_wrong_digit_is_never_another_card(digits: str, data: st.DataObject) -> None:
    number = with_check_digit(digits)
    assert is_gift_card(number)
    place = data.draw(st.integers(0, len(number) - 1))
    other = data.draw(st.sampled_from([sign for sign in "0123456789" if sign != number[place]]))
    assert not is_gift_card(number[:place] + other + number[place + 1 :])


@given(DIGITS, st.data())
def test_two_neighbours_changed_over_are_found_but_for_0_and_9(digits: str, data: st.DataObject) -> None:
    number = with_check_digit(digits)
    place = data.draw(st.integers(0, len(number) - 2))
    left, right = number[place], number[place + 1]
    if left != right and {left, right} != {"0", "9"}:
        assert not is_gift_card(number[:place] + right + left + number[place + 2 :])


@given(DIGITS)
def test_no_number_of_a_card_is_a_phone_number(digits: str) -> None:
    assert e164(with_check_digit(digits)) is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "0000000000000000",
        "4006381333931",
        "6901234567892",
        "62000000000000０5",
        "-620000000000000",
        "+8613800138000",
    ],
)
def test_what_is_no_card(text: str) -> None:
    assert not is_gift_card(text)


def test_a_cards_account_is_nobodys_purse() -> None:
    assert is_card_account(card_account("ab" * 16)) and member_of(card_account("ab" * 16)) is None
    assert not is_card_account(member_account("m1"))
