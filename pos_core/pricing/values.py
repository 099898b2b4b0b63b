"""The value types of rules, baskets and results, each with the range it may have.

A limit stands here once, as `Annotated` metadata: `schema.py` writes it into the JSON Schema and the
validator reads it from there, so the type, the schema and the check cannot disagree.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from pos_core.money import AMOUNT_MINOR_MAX
from pos_core.quantity import QUANTITY_MILLI_MAX

PPM = 1_000_000
"""Parts per million in one whole: a rate of 250_000 is 25 %."""


@dataclass(frozen=True, slots=True)
class Range:
    """Inclusive bounds of an integer."""

    minimum: int
    maximum: int


@dataclass(frozen=True, slots=True)
class Text:
    """Length in code points, and the pattern the whole text must match."""

    shortest: int = 1
    longest: int = 64
    pattern: str | None = None


@dataclass(frozen=True, slots=True)
class Items:
    """How many items a list holds, and whether two may be equal."""

    fewest: int = 0
    most: int = 100_000
    unique: bool = False


Minor = Annotated[int, Range(0, AMOUNT_MINOR_MAX)]
PositiveMinor = Annotated[int, Range(1, AMOUNT_MINOR_MAX)]
Milli = Annotated[int, Range(1, QUANTITY_MILLI_MAX)]
Instant = Annotated[int, Range(0, 2**53 - 1)]
OffsetMinutes = Annotated[int, Range(-1080, 1080)]
Rate = Annotated[int, Range(1, PPM)]
Share = Annotated[int, Range(0, PPM)]
Multiplier = Annotated[int, Range(PPM, 1000 * PPM)]
Count = Annotated[int, Range(0, 2**53 - 1)]
Units = Annotated[int, Range(1, 1_000_000_000)]
GroupUnits = Annotated[int, Range(1, 10_000)]
Rank = Annotated[int, Range(-1_000_000, 1_000_000)]
Layer = Annotated[int, Range(0, 99)]
Weekday = Annotated[int, Range(1, 7)]
Month = Annotated[int, Range(1, 12)]
MonthDay = Annotated[int, Range(1, 31)]
Exponent = Annotated[int, Range(0, 4)]

Code = Annotated[str, Text(1, 64)]
"""An identifier given from outside: sku, brand, store, campaign. Compared by code point, case matters."""
Label = Annotated[str, Text(1, 200)]
LocalSecond = Annotated[str, Text(19, 19, r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}$")]
"""A civil second of the store's own clock: `2025-06-18T23:59:59`."""
DaySecond = Annotated[str, Text(8, 8, r"^([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]$")]
"""A second of the day on the store's own clock: `22:00:00`."""
Digest = Annotated[str, Text(64, 64, r"^[0-9a-f]{64}$")]

Codes = Annotated[tuple[Code, ...], Items(unique=True)]

Basis = Literal["list", "price", "phase", "running"]
"""What an amount threshold is measured on: list prices; prices after the price phase; nets when the
promotion's phase begins; nets at the moment the promotion is evaluated."""
RoundingMode = Literal["half_up", "half_down", "half_even", "up", "down"]
Phase = Literal["price", "item", "basket", "coupon", "shipping", "points"]
PHASES: tuple[Phase, ...] = ("price", "item", "basket", "coupon", "shipping", "points")
