"""Means of payment that are no chain's: what pays where nothing is handed over."""

from __future__ import annotations

from pos_core.catalog.store import TenderType
from pos_core.sale.refund_tenders import EXCHANGE_KIND

POINTS_TENDER = TenderType(
    tender_code="points",
    tender_kind="points",
    name="积分抵现",
    name_en="Points",
    opens_drawer=False,
    gives_change=False,
    position=0,
)
"""What pays where points are taken as money; a chain may name its own of kind `points`."""

EXCHANGE_TENDER = TenderType(
    tender_code=EXCHANGE_KIND,
    tender_kind="exchange",
    name="换货抵扣",
    name_en="Exchange",
    opens_drawer=False,
    gives_change=False,
    position=0,
)
"""What goods that came back pay of new ones; the return beside the sale gives it out."""
