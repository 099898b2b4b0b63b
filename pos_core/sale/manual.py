"""What an operator takes off by hand: a lower price for a line, a discount on a line or on the whole basket.

A lower **price** enters the price phase of the pricing engine and competes there with the prices of lists:
promotions see it as the unit's price. **Discounts** come last, on what promotions leave: no promotion and no
threshold sees them, so that the total falls by what was typed. docs/promotions.md, "By hand".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from pos_core.allocation import Portion, allocate
from pos_core.rounding import half_up
from pos_core.sale.line_item import Discount, LineItem, line_amount

PPM = 1_000_000
MANUAL = "manual"
PRICE_OVERRIDE, LINE_DISCOUNT, BASKET_DISCOUNT = "price_override", "line_discount", "basket_discount"
PRICE_SOURCE = "manual:price"
"""What the pricing engine calls a price that an operator gave."""
_LAST = (LINE_DISCOUNT, BASKET_DISCOUNT)


@dataclass(frozen=True, slots=True)
class ManualDiscount:
    """A discount given by hand; at most one a line and one a basket.

    Attributes:
        line_no: None for the whole basket.
        rate_ppm, amount_minor: one of them; a rate follows the basket, an amount is capped at what is there.
        name: of the reason; printed on the receipt.
        allowed_minor: what a second person let go at most; None: within the operator's own limits.
    """

    line_no: int | None
    rate_ppm: int
    amount_minor: int
    reason_code: str
    name: str
    allowed_minor: int | None = None

    @property
    def kind(self) -> str:
        """`line_discount` or `basket_discount`."""
        return BASKET_DISCOUNT if self.line_no is None else LINE_DISCOUNT


@dataclass(frozen=True, slots=True)
class GivenApproval:
    """A second person let this action happen, once; it becomes a document beside the basket's end."""

    kind: str
    approved_by: str
    operator_number: str
    reason: str | None
    nonce: str
    rate_ppm: int = 0
    amount_minor: int = 0
    line_no: int | None = None

    def as_body(self) -> dict[str, object]:
        """The body of `override_approved`."""
        return {
            "kind": self.kind,
            "approved_by": self.approved_by,
            "operator_number": self.operator_number,
            "reason": self.reason,
            "nonce": self.nonce,
            "rate_ppm": self.rate_ppm,
            "amount_minor": self.amount_minor,
            "line_no": self.line_no,
        }


def override_discount(line: LineItem) -> Discount | None:
    """What a price given by hand takes off the line's list amount; None: nothing.

    For goods that no pricing engine saw; where one did, it made the same discount.
    """
    if line.manual_price_minor is None:
        return None
    if line.weighed:
        off = line.list_minor - half_up(line.manual_price_minor * line.quantity_milli, 1000)
    else:
        off = line.list_minor - line_amount(line.quantity_milli, line.manual_price_minor)
    return manual_discount(PRICE_OVERRIDE, off, line.manual_name, line.manual_reason) if off > 0 else None


def manual_discount(kind: str, amount_minor: int, name: str, reason_code: str) -> Discount:
    """A discount of a line that an operator gave."""
    return Discount(MANUAL, kind, name, amount_minor, reason_code)


def without_last(line: LineItem) -> LineItem:
    """The line as promotions left it."""
    kept = tuple(each for each in line.discounts if not (each.source == MANUAL and each.id in _LAST))
    return line if len(kept) == len(line.discounts) else replace(line, discounts=kept)


def with_manual(
    lines: tuple[LineItem, ...],
    given: tuple[ManualDiscount, ...],
    *,
    reserved: Mapping[int, int] | None = None,
) -> tuple[LineItem, ...]:
    """The priced lines with the discounts given by hand: each line's own first, then the basket's share.

    `reserved`: line_no → what must remain of it (points pay it). Lines that are not discountable take
    nothing. The basket's discount is shared by largest remainder over the nets, ties to the earlier line.
    """
    if not given:
        return lines
    floor = reserved or {}
    by_line = {each.line_no: each for each in given if each.line_no is not None}
    after = tuple(_with_own(line, by_line.get(line.line_no), floor.get(line.line_no, 0)) for line in lines)
    whole = next((each for each in given if each.line_no is None), None)
    return after if whole is None else _with_share(after, whole, floor)


def _with_own(line: LineItem, given: ManualDiscount | None, reserved: int) -> LineItem:
    if given is None:
        return line
    return _less(line, given, min(_wanted(given, line.net_minor), _room(line, reserved)))


def _with_share(
    lines: tuple[LineItem, ...], given: ManualDiscount, reserved: Mapping[int, int]
) -> tuple[LineItem, ...]:
    rooms = [_room(line, reserved.get(line.line_no, 0)) for line in lines]
    weights = [line.net_minor if room else 0 for line, room in zip(lines, rooms, strict=True)]
    wanted = min(_wanted(given, sum(weights)), sum(rooms))
    portions = [Portion(weight, room) for weight, room in zip(weights, rooms, strict=True)]
    shares = [0] * len(lines)
    for part in allocate(wanted, portions).parts:
        shares[part.portion] = part.amount_minor
    return tuple(_less(line, given, share) for line, share in zip(lines, shares, strict=True))


def _wanted(given: ManualDiscount, base_minor: int) -> int:
    return half_up(base_minor * given.rate_ppm, PPM) if given.rate_ppm else given.amount_minor


def _room(line: LineItem, reserved: int) -> int:
    return max(0, line.net_minor - reserved) if line.discountable else 0


def _less(line: LineItem, given: ManualDiscount, amount_minor: int) -> LineItem:
    if amount_minor <= 0:
        return line
    discount = manual_discount(given.kind, amount_minor, given.name, given.reason_code)
    return replace(line, discounts=(*line.discounts, discount))
