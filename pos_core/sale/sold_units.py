"""The units of a sold line and what was paid for each: the one source of every refund.

From a sale's document (its pricing record, else equal shares of the line's net), or from the signed summary
on a receipt. A weighed or broken quantity is one unit. docs/documents.md, "Returns".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pos_core.allocation import Portion, allocate
from pos_core.quantity import PIECE_MILLI

_NO_BOUND = 2**60


@dataclass(frozen=True, slots=True)
class PaidUnits:
    """`units` units that cost `net_minor` each, of which points paid `points_minor`."""

    units: int
    net_minor: int
    points_minor: int = 0

    @property
    def money_minor(self) -> int:
        """What was paid in money for one."""
        return self.net_minor - self.points_minor


@dataclass(frozen=True, slots=True)
class SoldLine:
    """A line that may come back. `parts` stand in the order in which they go back: the cheapest first."""

    line_no: int
    quantity_milli: int
    parts: tuple[PaidUnits, ...]

    @property
    def units(self) -> int:
        """Pieces; 1 for a weight."""
        return sum(part.units for part in self.parts)

    @property
    def by_piece(self) -> bool:
        """False: it comes back whole or not at all."""
        return self.units * PIECE_MILLI == self.quantity_milli

    def units_in(self, quantity_milli: int) -> int | None:
        """How many units a quantity is; None where it is no whole number of them."""
        if self.by_piece:
            units, rest = divmod(quantity_milli, PIECE_MILLI)
            return None if rest else units
        return 1 if quantity_milli == self.quantity_milli else None

    def paid_for(self, first: int, units: int) -> tuple[int, int]:
        """(net, points part of it) of `units` units after the `first` that are back already."""
        net = points = at = 0
        for part in self.parts:
            taken = max(0, min(at + part.units, first + units) - max(at, first))
            net += part.net_minor * taken
            points += part.points_minor * taken
            at += part.units
        return net, points


def sold_lines(body: Mapping[str, Any]) -> dict[int, SoldLine]:
    """line_no → its units, of a `sale` body that has passed `check_body`. Lines that cost nothing are there
    too; recorded lines of quantity 0 or with a net below zero are not.
    """
    given = body.get("parts")
    if given is not None:  # a summary (pos_core/sale/receipt_summary.py)
        quantities = {line["line_no"]: line["quantity_milli"] for line in body["lines"]}
        return {no: SoldLine(no, quantities[no], parts) for no, parts in given.items()}
    result = body["pricing"]["result"] if body.get("pricing") else None
    priced = {line["line_id"]: line for line in result["lines"]} if result else {}
    found: dict[int, SoldLine] = {}
    for line in body["lines"]:
        if line["quantity_milli"] <= 0 or line["net_minor"] < 0:
            continue
        of_engine = priced.get(str(line["line_no"]))
        if result is None or of_engine is None:
            parts = equal_parts(line)
        else:
            parts = _in_order(_priced(line, of_engine, result))
        found[line["line_no"]] = SoldLine(line["line_no"], line["quantity_milli"], tuple(parts))
    return found


def equal_parts(line: Mapping[str, Any]) -> list[PaidUnits]:
    """A line's net in equal shares: what its units cost where no pricing says otherwise."""
    return _in_order(_equal(line))


def _in_order(parts: Sequence[PaidUnits]) -> list[PaidUnits]:
    return sorted(parts, key=lambda part: (part.money_minor, part.net_minor))


def _equal(line: Mapping[str, Any]) -> list[PaidUnits]:
    units, rest = divmod(line["quantity_milli"], PIECE_MILLI)
    if rest or not units or line.get("weight_milli") is not None:
        return [PaidUnits(1, line["net_minor"])]
    shared = allocate(line["net_minor"], [Portion(1, _NO_BOUND, units)])
    if not line["net_minor"]:
        return [PaidUnits(units, 0)]
    return [PaidUnits(part.units, part.amount_minor) for part in shared.parts]


def _priced(
    line: Mapping[str, Any], of_engine: Mapping[str, Any], result: Mapping[str, Any]
) -> list[PaidUnits]:
    """The engine's unit nets, less each unit's share of what was taken off by hand afterwards."""
    standing = [(result["outcomes"][each["outcome"]], each["count"]) for each in of_engine["units"]]
    units = [PaidUnits(n, o["net_minor"], o.get("points_paid_minor", 0)) for o, n in standing]
    by_hand = sum(each.net_minor * each.units for each in units) - line["net_minor"]
    if by_hand <= 0:
        return units
    portions = [Portion(each.net_minor, each.money_minor, each.units) for each in units]
    return [
        PaidUnits(part.units, unit.net_minor - part.amount_minor, unit.points_minor)
        for part in allocate(by_hand, portions).parts
        if (unit := units[part.portion])
    ]
