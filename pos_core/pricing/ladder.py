"""Steps that a promotion gives more and more on (阶梯). Semantics: docs/promotions.md, "Ladders"."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from pos_core.pricing.selection import Selection
from pos_core.pricing.values import Basis, Items, Minor, PositiveMinor, Units


@dataclass(frozen=True, slots=True, kw_only=True)
class Tier:
    """One step: reached from `min_units` units or from `min_amount_minor` on, giving `value`.

    `value` has the unit of the kind: ppm for percent kinds, minor units for the others.
    """

    min_units: Units | None = None
    min_amount_minor: PositiveMinor | None = None
    value: Minor


@dataclass(frozen=True, slots=True, kw_only=True)
class Ladder:
    """Steps in rising order; the highest one reached is the one that counts (阶梯).

    Attributes:
        basis: what an amount step is measured on.
        select: the goods that are measured; None: the goods that the promotion selects.
    """

    tiers: Annotated[tuple[Tier, ...], Items(1, 100)]
    basis: Basis = "phase"
    select: Selection | None = None
