"""A blind count of the till: what lay there, declared before anybody is shown what should."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from pos_core.errors import InvalidInput
from pos_core.rounding import checked_amount

CountPurpose = Literal["settlement", "hand_over", "spot"]
PIECES_MAX = 1_000_000
OPENED_TO_COUNT = "count"
"""Reason code of a `no_sale` that opened the drawer because its money is counted."""


class BadCount(InvalidInput):
    """A count below zero, out of range or of a piece that is none; `facts["tender_code"]`."""

    code = "bad_count"


@dataclass(frozen=True, slots=True)
class TenderCount:
    """One tender as it was counted.

    Attributes:
        pieces: (value of the note or coin, how many), the largest first; () where only a sum was given.
        loose_minor: what was given as a sum beside the pieces.
    """

    tender_code: str
    tender_kind: str
    pieces: tuple[tuple[int, int], ...] = ()
    loose_minor: int = 0

    @property
    def counted_minor(self) -> int:
        """All of it."""
        return sum(value * count for value, count in self.pieces) + self.loose_minor


def count_tender(
    tender_code: str, tender_kind: str, pieces: Mapping[int, int], loose_minor: int = 0
) -> TenderCount:
    """Check and order a count; pieces of which there are none are left out. Raises BadCount."""
    for value, count in pieces.items():
        if value <= 0 or not 0 <= count <= PIECES_MAX:
            raise BadCount("a count is zero or more", tender_code=tender_code[:32])
    if loose_minor < 0:
        raise BadCount("a sum is zero or more", tender_code=tender_code[:32])
    there = tuple(sorted(((value, count) for value, count in pieces.items() if count), reverse=True))
    counted = TenderCount(tender_code, tender_kind, there, loose_minor)
    checked_amount(counted.counted_minor)
    return counted


def count_body(
    counts: Sequence[TenderCount], *, purpose: CountPurpose, currency: str, exponent: int
) -> dict[str, Any]:
    """The body of `till_counted`: what was counted, and nothing of what was expected."""
    return {
        "purpose": purpose,
        "currency": currency,
        "exponent": exponent,
        "tenders": [
            {
                "tender_code": count.tender_code,
                "tender_kind": count.tender_kind,
                "counted_minor": count.counted_minor,
                "loose_minor": count.loose_minor,
                "pieces": [{"value_minor": value, "count": number} for value, number in count.pieces],
            }
            for count in counts
        ],
    }
