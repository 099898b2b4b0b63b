"""Topping up a purse: what a chain takes, and what it adds to it. Policy `stored_value` (docs/cash.md)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pos_core.errors import InvalidInput, Refusal

STEPS_MAX = 20


class BadStoredValuePolicy(InvalidInput):
    """A policy that cannot be understood; `facts["path"]` says where."""

    code = "bad_stored_value_policy"


class TopUpNotTaken(Refusal):
    """Less or more than the chain takes at once; `facts`: `least_minor`, `most_minor` (0: no bound)."""

    code = "top_up_not_taken"


class PurseTooFull(Refusal):
    """The purse would hold more than it may; `facts["maximum_minor"]`."""

    code = "purse_too_full"


@dataclass(frozen=True, slots=True)
class TopUpPolicy:
    """What may be put on a purse.

    Attributes:
        sku: the item that a top-up is rung up as; tag `stored_value`, open price. "": no top-ups here.
        balance_most_minor: what a purse may hold, bonus included; None: no bound.
        bonus: (from, added) in minor units, rising; of a top-up the highest step that it reaches counts.
    """

    sku: str = ""
    least_minor: int = 1
    most_minor: int | None = None
    balance_most_minor: int | None = None
    bonus: tuple[tuple[int, int], ...] = ()

    def bonus_minor(self, topped_up_minor: int) -> int:
        """What the chain adds to a top-up."""
        return max((added for start, added in self.bonus if start <= topped_up_minor), default=0)

    def check(self, topped_up_minor: int, balance_minor: int) -> None:
        """Raises TopUpNotTaken, PurseTooFull."""
        most = self.most_minor
        if topped_up_minor < self.least_minor or (most is not None and topped_up_minor > most):
            raise TopUpNotTaken("not that much", least_minor=self.least_minor, most_minor=most or 0)
        full = self.balance_most_minor
        if full is not None and balance_minor + topped_up_minor + self.bonus_minor(topped_up_minor) > full:
            raise PurseTooFull("the purse would hold too much", maximum_minor=full)


def parse_top_up_policy(value: object) -> TopUpPolicy:
    """The policy value (decoded JSON; None: no top-ups). Raises BadStoredValuePolicy."""
    if value is None:
        return TopUpPolicy()
    if not isinstance(value, dict):
        raise BadStoredValuePolicy("stored_value must be an object", path="stored_value")
    sku = value.get("sku", "")
    _require(isinstance(sku, str), "sku")
    least = value.get("least_minor", 1)
    _require(_is_amount(least), "least_minor")
    bounds = {}
    for name in ("most_minor", "balance_most_minor"):
        bounds[name] = value.get(name)
        _require(bounds[name] is None or _is_amount(bounds[name]), name)
    return TopUpPolicy(sku, least, **bounds, bonus=_bonus(value.get("bonus", [])))


def _bonus(rows: Any) -> tuple[tuple[int, int], ...]:
    _require(isinstance(rows, list) and len(rows) <= STEPS_MAX, "bonus")
    steps = []
    for place, row in enumerate(rows):
        names = ("from_minor", "bonus_minor")
        right = isinstance(row, dict) and all(_is_amount(row.get(name)) for name in names)
        _require(right, f"bonus[{place}]")
        steps.append((row["from_minor"], row["bonus_minor"]))
    return tuple(sorted(steps))


def _is_amount(value: object) -> bool:
    return type(value) is int and 0 < value < 1 << 53


def _require(right: bool, path: str) -> None:
    if not right:
        raise BadStoredValuePolicy(f"{path} is wrong", path=f"stored_value.{path}")
