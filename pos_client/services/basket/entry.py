"""What was typed into the code box: `3*code`, `3*`, `*5`, or a code; full-width characters are forgiven."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pos_core.errors import InvalidInput
from pos_core.quantity import parse_quantity

STARS = "*×"
# A Chinese input method types １２３＊ as easily as 123*.
_HALF_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}


class EmptyEntry(InvalidInput):
    """Nothing was typed."""

    code = "empty_entry"


@dataclass(frozen=True, slots=True)
class Entry:
    """`code`: look it up, `quantity_milli` times; `multiplier`: for the next code; `quantity`: of a line."""

    kind: Literal["code", "multiplier", "quantity"]
    code: str = ""
    quantity_milli: int | None = None


def read_entry(text: str) -> Entry:
    """Raises EmptyEntry, BadQuantity (what stands before or after the star is no quantity)."""
    text = text.translate(_HALF_WIDTH).replace("×", "*").strip(" \r\n\t")
    if not text:
        raise EmptyEntry("nothing was typed")
    left, star, right = text.partition("*")
    if not star:
        return Entry("code", text)
    if not left.strip():
        return Entry("quantity", quantity_milli=parse_quantity(right))
    quantity_milli = parse_quantity(left)
    if not right.strip():
        return Entry("multiplier", quantity_milli=quantity_milli)
    return Entry("code", right.strip(), quantity_milli)
