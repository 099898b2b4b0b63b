"""Messages of `POST /v1/stock`: an item in other stores, as head office knows now. docs/stock.md."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class StockQuestion:
    """POST /v1/stock: one item in the stores and warehouses around the asking store."""

    sku: str


@dataclass(frozen=True, slots=True)
class StockPlace:
    """One place. `on_hand_milli` may be below zero; `heard_at_ms` is the last contact of any of its

    workstations, None where there is none. `spare_milli`: what it can give away and still sell as expected
    for the policy's days; None from a server that does not say it. `reserved_milli` of what lies there is put
    aside for shoppers, as far as head office has heard.
    """

    store_id: str
    on_hand_milli: int
    heard_at_ms: int | None = None
    spare_milli: int | None = None
    reserved_milli: int = 0


@dataclass(frozen=True, slots=True)
class StockAnswer:
    """The nearest first, as `pos_core/stock/nearby.py` finds them; `as_of_ms` by the server's clock."""

    sku: str
    as_of_ms: int
    places: list[StockPlace]
