"""What coupons of campaigns brought, summed as documents come: what effects read in place of baskets."""

from __future__ import annotations

from sqlalchemy import Index, Table

from sync_server.store.schema.columns import integer, text
from sync_server.store.schema.tables import metadata

FIGURES = ("uses", "given_minor", "baskets", "net_minor", "costed_net_minor", "cost_minor")
"""Of sales in which a coupon of the campaign was taken; what came back is taken off, baskets aside."""

campaign_day = Table(
    "campaign_day",
    metadata,
    text("campaign_id", key=True),
    text("business_day", key=True),
    *(integer(name) for name in FIGURES),
)

campaign_store = Table(
    "campaign_store",
    metadata,
    text("campaign_id", key=True),
    text("store_id", key=True),
    *(integer(name) for name in FIGURES),
)

campaign_total = Table(
    "campaign_total",
    metadata,
    text("campaign_id", key=True),
    *(integer(name) for name in FIGURES),
    integer("redeemers"),  # members with a use that no return undid
)

campaign_redeemer = Table(
    "campaign_redeemer",
    metadata,
    text("campaign_id", key=True),
    text("member_id", key=True),
    integer("uses"),
)

return_waiting = Table(
    "return_waiting",
    metadata,
    text("workstation_id", key=True),
    integer("incarnation", key=True),
    integer("number", key=True),
    text("origin_workstation_id"),
    integer("origin_incarnation"),
    integer("origin_number"),
    integer("net_minor"),
    integer("costed_net_minor"),
    integer("cost_minor"),
    text("restored"),  # JSON list of [campaign, member or null, amount]
    Index("return_waiting_by_origin", "origin_workstation_id", "origin_incarnation", "origin_number"),
)
"""Returns whose sale head office has not gathered yet: they are taken off when it comes."""

TABLES = (campaign_day, campaign_store, campaign_total, campaign_redeemer, return_waiting)
