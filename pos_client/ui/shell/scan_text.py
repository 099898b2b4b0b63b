"""Telling a scanned code from an amount or a weight, so that a scan works from any panel."""

from __future__ import annotations

_CODE_LENGTHS = frozenset({8, 12, 13, 14, 18})


def looks_like_code(text: str) -> bool:
    """Digits only, as long as a GTIN or an 18-digit in-store code, with a right check digit."""
    if len(text) not in _CODE_LENGTHS or not (text.isascii() and text.isdigit()):
        return False
    digits = [int(sign) for sign in reversed(text)]
    return sum(digits[0::2]) % 10 == -3 * sum(digits[1::2]) % 10


def split_multiplier(text: str) -> tuple[str, str]:
    """`"3*690" -> ("3", "690")`; `("", text)` when there is no number before a star."""
    number, star, rest = text.partition("*")
    if star and number.replace(".", "", 1).isdigit():
        return number, rest
    return "", text
