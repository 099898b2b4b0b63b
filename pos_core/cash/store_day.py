"""A business day of a whole store as head office knows it: each workstation's part, with the point it covers.

Head office works it out and sends it down (`store_day`); a workstation puts its own journal in the place of
its own part, which is newer there. Costs stay at head office: margins come down as sums of the day and of
departments, never of an item. Source: docs/stock.md, "The day"; docs/adr/0022.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

TOP_ITEMS = 100
"""So many of the best items come down, each with its sum over the store."""
DAYS_KEPT = 15


@dataclass(frozen=True, slots=True)
class ShiftPart:
    """A shift of the day; `z_number` None: not settled as far as is known; over is above zero."""

    shift_id: str
    opened_at_ms: int
    z_number: int | None
    over_minor: int

    @classmethod
    def from_value(cls, value: list[Any]) -> ShiftPart:
        """Inverse of `as_value`."""
        return cls(*value)

    def as_value(self) -> list[Any]:
        """As it travels."""
        return [self.shift_id, self.opened_at_ms, self.z_number, self.over_minor]


def over_of(tenders: Iterable[Mapping[str, Any]]) -> int:
    """Counted less expected of a settlement's tenders, of those that were counted."""
    counted = (each for each in tenders if each["counted_minor"] is not None)
    return sum(each["counted_minor"] - each["expected_minor"] for each in counted)


@dataclass(frozen=True, slots=True)
class WorkstationPart:
    """One workstation's day.

    Attributes:
        upto: incarnation → number of the last document that is in it.
        heard_at_ms: when it was last in contact, as head office knew when it worked this out; None: never.
        hours: local hour → net sales in minor units: returns off, money of purses and gift cards aside.
        operators: employee → (sales, net sales).
        shelves: shelf prices looked at, and how many hung wrong.
        tenders: tender code → minor units taken, change and returns off.
    """

    upto: Mapping[int, int] = field(default_factory=dict)
    heard_at_ms: int | None = None
    sales: int = 0
    hours: Mapping[int, int] = field(default_factory=dict)
    operators: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    shifts: tuple[ShiftPart, ...] = ()
    shelves: tuple[int, int] = (0, 0)
    tenders: Mapping[str, int] = field(default_factory=dict)

    @property
    def total_minor(self) -> int:
        """Net sales."""
        return sum(self.hours.values())

    @property
    def open_shifts(self) -> int:
        """Shifts of the day that are not settled."""
        return sum(each.z_number is None for each in self.shifts)

    def as_value(self) -> dict[str, Any]:
        """As it travels."""
        return {
            "upto": {str(incarnation): number for incarnation, number in self.upto.items()},
            "heard_at_ms": self.heard_at_ms,
            "sales": self.sales,
            "hours": {str(hour): minor for hour, minor in self.hours.items()},
            "operators": {name: list(pair) for name, pair in self.operators.items()},
            "shifts": [each.as_value() for each in self.shifts],
            **({"shelves": list(self.shelves)} if any(self.shelves) else {}),
            **({"tenders": dict(self.tenders)} if self.tenders else {}),
        }

    @classmethod
    def from_value(cls, value: Mapping[str, Any]) -> WorkstationPart:
        """Inverse of `as_value`."""
        return cls(
            {int(incarnation): number for incarnation, number in value["upto"].items()},
            value["heard_at_ms"],
            value["sales"],
            {int(hour): minor for hour, minor in value["hours"].items()},
            {name: (pair[0], pair[1]) for name, pair in value["operators"].items()},
            tuple(ShiftPart.from_value(each) for each in value["shifts"]),
            (value["shelves"][0], value["shelves"][1]) if "shelves" in value else (0, 0),
            dict(value.get("tenders", {})),
        )


@dataclass(frozen=True, slots=True)
class Margin:
    """Of goods whose cost head office knows: what they brought, and how much of it is margin."""

    costed_minor: int = 0
    margin_minor: int = 0

    def plus(self, other: Margin) -> Margin:
        """The sum of two."""
        return Margin(self.costed_minor + other.costed_minor, self.margin_minor + other.margin_minor)


@dataclass(frozen=True, slots=True)
class StoreDay:
    """See the module.

    Attributes:
        workstations: those that head office knows of the store, with or without sales.
        items: (SKU, thousandths, minor units), the dearest first, at most TOP_ITEMS.
        departments: department code ("" for none) → margin.
    """

    business_day: str
    worked_out_at_ms: int
    workstations: Mapping[str, WorkstationPart] = field(default_factory=dict)
    items: tuple[tuple[str, int, int], ...] = ()
    departments: Mapping[str, Margin] = field(default_factory=dict)

    @property
    def margin(self) -> Margin:
        """Of the whole store."""
        total = Margin()
        for each in self.departments.values():
            total = total.plus(each)
        return total

    def as_value(self) -> dict[str, Any]:
        """As it travels, in the row of its day."""
        return {
            "worked_out_at_ms": self.worked_out_at_ms,
            "workstations": {name: part.as_value() for name, part in self.workstations.items()},
            "items": [list(each) for each in self.items],
            "departments": {
                code: [each.costed_minor, each.margin_minor] for code, each in self.departments.items()
            },
        }

    @classmethod
    def from_value(cls, business_day: str, value: Mapping[str, Any]) -> StoreDay:
        """Inverse of `as_value`."""
        return cls(
            business_day,
            value["worked_out_at_ms"],
            {name: WorkstationPart.from_value(each) for name, each in value["workstations"].items()},
            tuple((each[0], each[1], each[2]) for each in value["items"]),
            {code: Margin(pair[0], pair[1]) for code, pair in value["departments"].items()},
        )
