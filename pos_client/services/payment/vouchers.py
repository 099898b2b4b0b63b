"""Vouchers (购物券): a tender with a number that is good once.

Whether another store took it meanwhile nobody can know offline: then both sales stand and head office rules
on the later one (`coupon_used_twice`). What this workstation took it refuses by itself, and what it heard
that another of this store took.
"""

from __future__ import annotations

import re

from pos_client.services.counter import Counter
from pos_client.services.payment.sale_claims import voucher_campaign
from pos_client.services.refusals.payment import VoucherUsed
from pos_core.catalog.store import TenderType

NUMBER_MAX = 32


class Vouchers:
    """Front end's thread."""

    def __init__(self, counter: Counter) -> None:
        self._counter = counter

    def unused(self, tender_type: TenderType, number: str | None) -> str | None:
        """The number as it is kept: no blanks or hyphens, capitals. Raises VoucherUsed."""
        if not number:
            return None
        kept = re.sub(r"[\s-]", "", number).upper()[:NUMBER_MAX]
        campaign = voucher_campaign(tender_type.tender_code)
        uses = self._counter.shared.uses_ever(campaign, kept)
        if uses:
            raise VoucherUsed("taken before", number=uses[0][0].number)
        return kept or None
