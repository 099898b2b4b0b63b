"""Messages of `POST /v1/stock` (an item in other stores) and `POST /v1/stock/movements` (of one store).

Both say what head office knows now. docs/stock.md.
"""

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


@dataclass(frozen=True, slots=True)
class MovementPlace:
    """Where a row of a store's stock card stands: rows are in the order of these fields."""

    hlc: str
    workstation_id: str
    incarnation: int
    number: int
    line_no: int


@dataclass(frozen=True, slots=True)
class MovementsQuestion:
    """POST /v1/stock/movements: rows of an item at the asking store, the newest before a place first.

    `before` None asks for the newest page; `limit` is at most MOVEMENTS_MAX.
    """

    sku: str
    limit: int
    before: MovementPlace | None = None


@dataclass(frozen=True, slots=True)
class MovementRow:
    """A movement, or (with `counted_milli`) a line of a count, which moves nothing.

    Attributes:
        type, reason, occurred_at_ms, operator_id: as in the document.
        recorded_milli: what the books of the counting workstation said.
    """

    place: MovementPlace
    type: str
    reason: str
    occurred_at_ms: int
    operator_id: str | None
    quantity_milli: int
    counted_milli: int | None = None
    recorded_milli: int | None = None


@dataclass(frozen=True, slots=True)
class SeriesFolded:
    """A series of the store's, and its last document that a figure holds."""

    workstation_id: str
    incarnation: int
    number: int


@dataclass(frozen=True, slots=True)
class StoreStock:
    """An item at the asking store as head office folded it: movements and counts of all workstations.

    Attributes:
        on_hand_milli: None for an item that never moved there.
        counted_at_hlc, session_id: of the newest count; None and "" before the first.
        folded: what the figure holds. A workstation adds its own later documents, as over the feed's figure.
    """

    on_hand_milli: int | None
    doubtful_milli: int
    counted_at_hlc: str | None
    session_id: str
    folded: list[SeriesFolded]


@dataclass(frozen=True, slots=True)
class MovementsAnswer:
    """The newest first; fewer than asked for: there are no older ones.

    `heard_at_ms`: workstation of the store → its last contact, None for one that was never heard. `stock`:
    of the same moment as the rows; None from a server that does not say it.
    """

    sku: str
    as_of_ms: int
    rows: list[MovementRow]
    heard_at_ms: dict[str, int | None]
    stock: StoreStock | None = None


MOVEMENTS_MAX = 501
