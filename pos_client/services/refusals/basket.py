"""Refused at the basket: ringing up, taking off by hand, putting aside and taking up again."""

from __future__ import annotations

from pos_core.errors import InvalidInput, Refusal


class PriceNotLower(Refusal):
    """A price is only ever lowered by hand; `facts["price_minor"]` is what it is."""

    code = "price_not_lower"


class DiscountWithoutEffect(Refusal):
    """The shopper would not pay less: promotions need what would be taken off; `facts["total_minor"]`."""

    code = "discount_without_effect"


class NotDiscountable(Refusal):
    """A deposit or stored value: nothing is taken off it."""

    code = "not_discountable"


class UnknownCode(Refusal):
    """No item answers to `facts["seen"]`."""

    code = "unknown_code"


class NoLineChosen(Refusal):
    """There is no line to act on."""

    code = "no_line_chosen"


class BadNote(InvalidInput):
    """Longer than `facts["maximum"]` signs, or not printable."""

    code = "bad_note"


class BasketEmpty(Refusal):
    """There is nothing in the basket."""

    code = "basket_empty"


class BasketNotEmpty(Refusal):
    """A basket is in progress: pay it, hold it or clear it first."""

    code = "basket_not_empty"


class UnknownHeld(Refusal):
    """No basket is on hold under `facts["held_id"]` (any more)."""

    code = "unknown_held"


class HeldElsewhere(Refusal):
    """The basket is on hold at workstation `facts["at"]`: it is taken up here, or given up there."""

    code = "held_elsewhere"


class TooManyHeld(Refusal):
    """`facts["maximum"]` baskets are on hold already."""

    code = "too_many_held"


class BasketLocked(Refusal):
    """A payment has begun; go back to scanning first."""

    code = "basket_locked"


class QuantityTooHigh(Refusal):
    """More of one line than the chain lets one ring up (a barcode scanned into the quantity).

    Facts: `maximum`, in whole pieces or kg.
    """

    code = "quantity_too_high"
