"""Refused when goods or empties come back, and of receipts that are looked for."""

from __future__ import annotations

from pos_core.errors import Advice, Refusal, Trouble


class ReceiptElsewhere(Refusal):
    """Sold at workstation `facts["workstation_id"]`: its code, or head office, says what is left."""

    code = "receipt_elsewhere"


class ReceiptCodeTorn(Refusal):
    """A receipt code that is no whole one: scanned in part, or changed."""

    code = "receipt_code_torn"


class ReceiptCodeForeign(Refusal):
    """The receipt of another chain."""

    code = "receipt_code_foreign"


class ReceiptCodeUnknownKey(Refusal):
    """Signed by a workstation that nobody here has heard of; `facts["workstation_id"]`."""

    code = "receipt_code_unknown_key"


class ReceiptCodeRevoked(Refusal):
    """Signed by a workstation that head office has revoked; `facts["workstation"]`."""

    code = "receipt_code_revoked"


class ReceiptCodeAltered(Refusal):
    """The signature does not hold for what the code says; `facts["workstation"]`."""

    code = "receipt_code_altered"


class LookUpOffline(Trouble):
    """Head office is out of reach: the code on the receipt says the same without a network."""

    code = "look_up_offline"
    advice = Advice.RETRY_LATER


class LookUpRefused(Trouble):
    """Head office does not answer this question; `facts["server_code"]`."""

    code = "look_up_refused"
    advice = Advice.RETRY_LATER


class NotCapped(Refusal):
    """Without a receipt at most `facts["maximum_minor"]` goes back."""

    code = "above_return_cap"


class NoDeposit(Refusal):
    """Nothing is given back for this item."""

    code = "no_deposit"


class PayOutInstead(Refusal):
    """A top-up does not come back by its receipt: the purse is paid out."""

    code = "pay_out_instead"


class NoReceipt(Refusal):
    """No such sale in this workstation's journal."""

    code = "no_receipt"
