"""Items that were looked for."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FoundItem:
    """A hit of the item search, or a candidate of an ambiguous entry. `price_minor` None: no price."""

    sku: str
    name: str
    price_minor: int | None
    unit: str
    gtin: str | None = None
    sale_kind: str = "piece"


@dataclass(frozen=True, slots=True)
class StockView:
    """Stock of an item at this store, our own latest documents included.

    Attributes:
        known: False when nothing of it has ever reached head office: the figure is our own movements alone.
        counted_at_hlc: hybrid time of the newest count. `doubtful_milli`: moved too near to it to be sure.
        own_milli: how much of the figure head office does not know yet.
    """

    sku: str
    on_hand_milli: int
    known: bool
    counted_at_hlc: str | None
    doubtful_milli: int
    own_milli: int
