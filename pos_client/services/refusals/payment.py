"""Refused while a sale is paid, the card terminal's part of it too."""

from __future__ import annotations

from pos_core.errors import Refusal


class SaleBeingWritten(Refusal):
    """The sale is on its way to the disk: a few milliseconds."""

    code = "sale_being_written"


class PaymentNotBegun(Refusal):
    """No payment is under way."""

    code = "payment_not_begun"


class PriceChanged(Refusal):
    """The basket costs `facts["total_minor"]` now, no longer `before_minor`: its payment begins anew."""

    code = "price_changed"


class UnknownTender(Refusal):
    """The chain has no tender `facts["tender_code"]`."""

    code = "unknown_tender"


class AgeNotConfirmed(Refusal):
    """The basket holds goods for shoppers of `facts["years"]` and nobody has confirmed their age."""

    code = "age_not_confirmed"


class ClaimedTender(Refusal):
    """Points pay because the basket asks for it: go back and change that instead."""

    code = "claimed_tender"


class ClaimsFrozen(Refusal):
    """The account was frozen after its points, coupons or stored value had been put on this sale."""

    code = "claims_frozen"


class VoucherUsed(Refusal):
    """This workstation took the voucher before; `facts["number"]` is that sale's."""

    code = "voucher_used"


class ChargePending(Refusal):
    """An earlier charge of `facts["amount_minor"]` is not settled: enquire, use or reverse it first."""

    code = "charge_pending"


class TerminalNotReady(Refusal):
    """No card terminal takes charges now; `facts["state"]`."""

    code = "terminal_not_ready"
