"""The basket, what was entered, baskets on hold, and why the basket costs what it costs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pos_client.services.views.items import FoundItem
from pos_client.services.views.members import MemberView

EnteredKind = Literal[
    "line_added",  # line_no is the line that the unit went to (a new one, or the newest one with one more)
    "quantity_set",  # `*5`: the chosen line now has that quantity
    "multiplier_set",  # `3*` alone: the next code counts three times
    "ambiguous",  # several items by that name: show `candidates`, then call add_sku
    "needs_weight",  # weighed item without a weight: ask, then add_sku(sku, weight_milli=…)
    "needs_price",  # open-price item without a price: ask, then add_sku(sku, price_minor=…)
]


@dataclass(frozen=True, slots=True)
class LineView:
    """One line of the basket as shown. `list_minor` = price × quantity; `net_minor` = list − discount.

    Attributes:
        entered: how it came in: scan | typed | plu | search | weighed | in_store.
        note: a short text under the name: promotion names, the pack; "" mostly.
        line_off_minor, basket_off_minor: what was taken off by hand, inside `discount_minor`.
        voided: the operator took it off again; it stays visible, struck through, and counts nothing.
    """

    line_no: int
    sku: str
    name: str
    quantity_milli: int
    unit: str
    unit_price_minor: int
    list_minor: int
    discount_minor: int
    net_minor: int
    weighed: bool
    note: str = ""
    voided: bool = False
    entered: str = "scan"
    gtin: str | None = None
    line_off_minor: int = 0
    basket_off_minor: int = 0


@dataclass(frozen=True, slots=True)
class BasketView:
    """The whole basket. `piece_count` counts a weighed line as one piece.

    Attributes:
        total_minor: what a cash payer owes: subtotal − discount + cash_rounding (≤ 0 or ≥ 0).
        release_version: the release that prices this basket; None while it is empty.
        age_needed: years of age that nobody has confirmed yet; None: nothing is to be asked.
        final: False while promotions are being worked out (only `ring_up.basket_at_once` shows that).
    """

    lines: tuple[LineView, ...]
    piece_count: int
    line_count: int
    subtotal_minor: int
    discount_minor: int
    cash_rounding_minor: int
    total_minor: int
    tax_minor: int
    currency: str
    exponent: int
    member: MemberView | None
    release_version: int | None
    newest_line_no: int | None
    chosen_line_no: int | None = None
    final: bool = True
    age_needed: int | None = None


@dataclass(frozen=True, slots=True)
class HeldView:
    """A basket on hold. `label` is its newest item; `total_minor` what it came to when it was held.

    `at`: the workstation of this store where it is, by its name; "" for this one. `stranded`: it was let go
    of for `at`, which has not said that it has it.
    """

    held_id: str
    label: str
    operator_id: str | None
    held_at_ms: int
    line_count: int
    piece_count: int
    total_minor: int
    has_member: bool
    at: str = ""
    stranded: bool = False


@dataclass(frozen=True, slots=True)
class PriceChange:
    """A line that costs something else than when its basket was held."""

    line_no: int
    name: str
    before_minor: int
    after_minor: int


@dataclass(frozen=True, slots=True)
class RecalledView:
    """A basket taken up again. `gone` names items that are no longer sold: their lines are voided."""

    basket: BasketView
    total_before_minor: int
    changes: tuple[PriceChange, ...]
    gone: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Entered:
    """What became of a scanned or typed text; refusals are raised instead.

    Attributes:
        quantity_milli: what was added, set, or is waiting for a weight or price.
        candidates: only for `ambiguous`.
        seen: the GTIN or PLU that was understood, for the screen.
    """

    kind: EnteredKind
    line_no: int | None = None
    sku: str | None = None
    name: str = ""
    quantity_milli: int = 0
    candidates: tuple[FoundItem, ...] = ()
    seen: str = ""


@dataclass(frozen=True, slots=True)
class WhyView:
    """A promotion and what became of it: `outcome` as the engine says it, or `by_hand`; `lines` in words.

    What is missing that nothing in the shop would change (no goods for it, no saving) is `out_of_scope`.
    """

    promotion_id: str
    outcome: str
    lines: tuple[str, ...]
    amount_minor: int
