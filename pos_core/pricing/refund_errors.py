"""Why a return is refused."""

from __future__ import annotations

from pos_core.errors import InvalidInput, Refusal, Trouble


class NothingReturned(Refusal):
    """The request names no units and no shipping."""

    code = "return_of_nothing"


class UnknownReturnLine(Refusal):
    """The sale has no such line, or the line has no units of the outcome named. `facts["line_id"]`."""

    code = "return_of_unknown_line"


class BadReturnUnits(Refusal):
    """Zero or negative units. `facts["line_id"]`."""

    code = "return_units_not_positive"


class MoreThanIsLeft(Refusal):
    """More units than were sold and not yet returned; `facts`: line_id, left."""

    code = "return_more_than_is_left"


class ShippingNotLeft(Refusal):
    """Shipping was given back before, or the sale had none."""

    code = "return_of_shipping_not_left"


class ReleaseNeeded(Trouble):
    """A rule asks for pricing anew, and the release of the sale is not at hand. `facts["release_hash"]`."""

    code = "return_needs_its_release"


class RefundsDoNotFit(InvalidInput):
    """The earlier refunds cannot be refunds of this sale: they give back what was never there."""

    code = "refunds_do_not_fit_sale"
