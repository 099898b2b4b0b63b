"""GTINs as digits: check digits, and one 14-digit form for every length that scanners read.

Source: GS1 General Specifications, section 7.9 (check digit calculation) and 3 (GTIN formats).
"""

from __future__ import annotations

from pos_core.errors import InvalidInput

GTIN_LENGTHS = (8, 12, 13, 14)
"""EAN-8, UPC-A, EAN-13, GTIN-14. A UPC-E must be expanded by its scanner (eight digits mean EAN-8)."""


class NotABarcode(InvalidInput):
    """A text that is not 8, 12, 13 or 14 ASCII digits; `facts["seen"]` is the text."""

    code = "not_a_barcode"


class BadCheckDigit(InvalidInput):
    """Digits whose last one is wrong: misread or mistyped. `facts`: `seen`, and the digit `expected`."""

    code = "bad_check_digit"


def is_digits(text: str) -> bool:
    """True for one or more ASCII digits; `str.isdigit` alone also takes ² and ٣."""
    return text.isascii() and text.isdigit()


def check_digit(digits: str) -> str:
    """The GS1 modulo-10 check digit that follows `digits`: from the right, weights 3, 1, 3, 1 …

    >>> check_digit("629104150021")
    '3'
    """
    if not is_digits(digits):
        raise NotABarcode(f"{digits!r} is not digits", seen=digits)
    total = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(digits)))
    return str(-total % 10)


def with_check_digit(digits: str) -> str:
    """`digits` followed by their check digit: how a GTIN is made."""
    return digits + check_digit(digits)


def require_check_digit(digits: str) -> None:
    """Raises BadCheckDigit when the last digit does not follow from the others."""
    expected = check_digit(digits[:-1])
    if digits[-1] != expected:
        raise BadCheckDigit(f"check digit of {digits} should be {expected}", seen=digits, expected=expected)


def normalise_gtin(text: str) -> str:
    """The 14 digits of an EAN-8, UPC-A, EAN-13 or GTIN-14; leading zeros added, surrounding blanks dropped.

    Raises NotABarcode for any other length or character, BadCheckDigit for a wrong last digit. All zeros
    have a right check digit and are still no GTIN: NotABarcode.

    >>> normalise_gtin("6291041500213")
    '06291041500213'
    """
    digits = text.strip()
    if not is_digits(digits) or len(digits) not in GTIN_LENGTHS or not digits.strip("0"):
        raise NotABarcode(f"{text!r} is not a barcode", seen=text)
    require_check_digit(digits)
    return digits.zfill(14)


def short_gtin(gtin14: str) -> str:
    """The form people know: EAN-8 as 8 digits, UPC-A and EAN-13 as 13, a GTIN-14 of a pack as it is."""
    if gtin14.startswith("000000"):
        return gtin14[6:]
    return gtin14.removeprefix("0")
