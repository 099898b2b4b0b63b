"""Kinds that give each unit by itself. Semantics: docs/promotions.md, "Kinds"."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pos_core.pricing.ladder import Ladder
from pos_core.pricing.values import Minor, PositiveMinor, Rate, Units

Pick = Literal["best", "cheapest", "dearest"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PercentEach:
    """`rate_ppm` off every unit taken. All units of the basket make one application.

    Attributes:
        base: running: of the net at that moment; price: of the price after the price phase; list: of list.
        max_units: at most so many units; `per_threshold`: so many for every time the condition is reached.
        max_units_of_one_sku: at most so many units of each SKU.
        pick: best: the search chooses; cheapest or dearest: those come first, by price after the price phase.
    """

    kind: Literal["percent_each"] = "percent_each"
    rate_ppm: Rate | None = None
    ladder: Ladder | None = None
    base: Literal["running", "price", "list"] = "running"
    max_units: Units | None = None
    max_units_of_one_sku: Units | None = None
    per_threshold: bool = False
    pick: Pick = "best"


@dataclass(frozen=True, slots=True, kw_only=True)
class AmountEach:
    """`amount_minor` off every unit taken, never below its floor. Other fields as in PercentEach."""

    kind: Literal["amount_each"] = "amount_each"
    amount_minor: PositiveMinor | None = None
    ladder: Ladder | None = None
    max_units: Units | None = None
    max_units_of_one_sku: Units | None = None
    per_threshold: bool = False
    pick: Pick = "best"


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceEach:
    """Every unit taken costs `price_minor`, never more than it would. Other fields as in PercentEach.

    With a condition, `max_units` and `per_threshold` it is 加价购: spend 100.00, and 10.00 buys the thermos.
    """

    kind: Literal["price_each"] = "price_each"
    price_minor: Minor | None = None
    ladder: Ladder | None = None
    max_units: Units | None = None
    max_units_of_one_sku: Units | None = None
    per_threshold: bool = False
    pick: Pick = "best"


@dataclass(frozen=True, slots=True, kw_only=True)
class AmountProgressive:
    """`first_minor` off the first unit taken, `additional_minor` off each further one; dearest unit first."""

    kind: Literal["amount_progressive"] = "amount_progressive"
    first_minor: Minor
    additional_minor: Minor
    max_units: Units | None = None


EachBenefit = PercentEach | AmountEach | PriceEach | AmountProgressive
EACH_KINDS = ("percent_each", "amount_each", "price_each", "amount_progressive")
