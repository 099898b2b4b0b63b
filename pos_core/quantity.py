"""Quantities: integer thousandths of the item's unit (`quantity_milli`); one piece is 1000."""

from __future__ import annotations

from pos_core.errors import InvalidInput
from pos_core.money import parse_minor

PIECE_MILLI = 1000
QUANTITY_MILLI_MAX = 10**12
"""A milliard of units: more than any line; keeps quantity × price below 2**53 checks cheap."""


class BadQuantity(InvalidInput):
    """A quantity that is no number, is zero or is out of range."""

    code = "bad_quantity"


def parse_quantity(text: str) -> int:
    """`"3" -> 3000`, `"0.452" -> 452`. Raises BadQuantity for text, zero, negatives, over four decimals."""
    try:
        quantity_milli = parse_minor(text, 3)
    except InvalidInput:
        raise BadQuantity(f"{text!r} is not a quantity", text=text) from None
    if not 0 < quantity_milli <= QUANTITY_MILLI_MAX:
        raise BadQuantity(f"{text!r} is out of range", text=text)
    return quantity_milli


def is_whole(quantity_milli: int) -> bool:
    """True when the quantity is a number of whole pieces."""
    return quantity_milli % PIECE_MILLI == 0


def format_quantity(quantity_milli: int) -> str:
    """`3000 -> "3"`, `452 -> "0.452"`: no trailing zeros."""
    sign = "-" if quantity_milli < 0 else ""
    whole, thousandths = divmod(abs(quantity_milli), PIECE_MILLI)
    return sign + (f"{whole}.{thousandths:03d}".rstrip("0") if thousandths else str(whole))
