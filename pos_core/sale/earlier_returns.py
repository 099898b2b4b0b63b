"""What earlier returns of a sale count for: at most what was sold.

Two stores may take back the same line offline. That is ruled on (`line_returned_twice`): what a later return
took back beyond the line, and the money it gave for that, is nobody's reason to give less for other lines.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pos_core.rounding import half_up
from pos_core.sale.sold_units import SoldLine


@dataclass(frozen=True, slots=True)
class EarlierReturn:
    """A return as far as the sale covers it: line_no → thousandths, and what its tenders gave for that."""

    back: Mapping[int, int]
    tenders: tuple[Mapping[str, Any], ...]


def covered(sold: Mapping[int, SoldLine], earlier: Sequence[Mapping[str, Any]]) -> list[EarlierReturn]:
    """The `return` bodies `earlier`, the earliest first. A line that was not sold counts for nothing."""
    left = {no: line.quantity_milli for no, line in sold.items()}
    found: list[EarlierReturn] = []
    for body in earlier:
        back: dict[int, int] = {}
        excess_minor = 0
        for line in body["lines"]:
            no, milli = line.get("origin_line_no"), line["quantity_milli"]
            if no is None:
                continue
            taken = min(milli, left.get(no, 0))
            if taken < milli:
                excess_minor += line["net_minor"] - half_up(line["net_minor"] * taken, milli)
            if taken:
                left[no] -= taken
                back[no] = back.get(no, 0) + taken
        found.append(EarlierReturn(back, _without(body["tenders"], excess_minor)))
    return found


def back_of(earlier: Sequence[EarlierReturn]) -> dict[int, int]:
    """line_no → thousandths that are back by all of them."""
    back: dict[int, int] = {}
    for each in earlier:
        for no, milli in each.back.items():
            back[no] = back.get(no, 0) + milli
    return back


def _without(tenders: Sequence[Mapping[str, Any]], excess_minor: int) -> tuple[Mapping[str, Any], ...]:
    found = []
    for tender in reversed(tenders):
        off = min(excess_minor, tender["amount_minor"])
        excess_minor -= off
        found.append({**tender, "amount_minor": tender["amount_minor"] - off})
    return tuple(reversed(found))
