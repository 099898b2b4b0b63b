"""Stock on hand: a fold over signed movements and counts, never a number that somebody edits.

A count says what lay on the shelf; movements after it are added. Order is (hybrid time, workstation,
number), so any order of arrival folds to the same figure.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True, order=True)
class StockFact:
    """One movement (`quantity_milli` is added) or count (`quantity_milli` replaces) of one SKU at one store.

    Attributes:
        hlc: hybrid time as fixed-width text: sorts as time does.
        place: line number within the document.
    """

    hlc: str
    workstation_id: str
    incarnation: int
    number: int
    place: int
    kind: Literal["movement", "count"]
    quantity_milli: int


def on_hand(facts: Iterable[StockFact], *, opening_milli: int = 0) -> int:
    """Stock on hand in thousandths; it may be below zero, because goods leave before papers arrive."""
    quantity_milli = opening_milli
    for fact in sorted(facts):
        quantity_milli = fact.quantity_milli if fact.kind == "count" else quantity_milli + fact.quantity_milli
    return quantity_milli
