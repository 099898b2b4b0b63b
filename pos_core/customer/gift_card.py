"""A gift card (储值卡): stored value that belongs to whoever holds the card. Its number is written nowhere.

16 or 19 digits, the first no zero, the last by Luhn (ISO/IEC 7812-1, annex B): no phone number has so many,
and no barcode of goods has these lengths. Documents name the account, which is the number under head office's
own key.
"""

from __future__ import annotations

from typing import Literal

LENGTHS = frozenset({16, 19})
ACCOUNT = "card:"

GiftCardStatus = Literal["new", "active", "blocked"]
"""Printed and not sold yet; sold, with money of somebody's on it; stopped by head office."""
NEW: GiftCardStatus = "new"
ACTIVE: GiftCardStatus = "active"
BLOCKED: GiftCardStatus = "blocked"


def is_gift_card(text: str) -> bool:
    """Whether the text is a card's number.

    >>> is_gift_card("6200000000000005"), is_gift_card("6200000000000006"), is_gift_card("13800138000")
    (True, False, False)
    """
    digits_only = text.isascii() and text.isdigit() and not text.startswith("0")
    return digits_only and len(text) in LENGTHS and _luhn_sum(text) % 10 == 0


def with_check_digit(digits: str) -> str:
    """15 or 18 digits as a whole number of a card.

    >>> with_check_digit("620000000000000")
    '6200000000000005'
    """
    return digits + str(-_luhn_sum(digits + "0") % 10)


def gift_text(number: str) -> str:
    """What is indexed of a number: never the same as a phone's, a member's card's or a coupon's."""
    return f"gift:{number}"


def card_account(index: str) -> str:
    """The account of the card with this index under head office's own key."""
    return ACCOUNT + index


def is_card_account(account_id: str) -> bool:
    """Whether an account of stored value is a card's, and no member's purse."""
    return account_id.startswith(ACCOUNT)


def _luhn_sum(number: str) -> int:
    """Every second digit from the right counts double, its own digits summed."""
    digits = [int(sign) for sign in reversed(number)]
    return sum(digits[0::2]) + sum(sum(divmod(2 * digit, 10)) for digit in digits[1::2])


def last_four(number: str) -> str:
    """What may be shown and printed of a number."""
    return number[-4:]
