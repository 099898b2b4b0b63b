"""Sums by channel, members month by month, prices that differ between channels, lots and where they went.

Gathered with the sums of sales (schema/sales.py), each document once.
"""

from __future__ import annotations

from sqlalchemy import Index, Table

from sync_server.store.schema.columns import integer, text
from sync_server.store.schema.tables import metadata

CHANNEL_FIGURES = (
    "sales",
    "returns",
    "list_minor",
    "net_minor",
    "points_earned",
    "points_spent",
    "coupons",
    "given_minor",
)
"""Returns taken off, here as in every sum."""

channel_store = Table(
    "channel_store",
    metadata,
    text("business_day", key=True),
    text("store_id", key=True),
    text("channel", key=True),
    *(integer(name) for name in CHANNEL_FIGURES),
)
PLACE_FIGURES = ("sales", "net_minor")
channel_store_short = Index(
    "channel_store_short",
    *(channel_store.c[name] for name in ("business_day", "store_id", "channel", *PLACE_FIGURES)),
)
"""What lists of stores and regions show, without the rows themselves."""

channel_home = Table(
    "channel_home",
    metadata,
    text("business_day", key=True),
    text("region", key=True),
    text("channel", key=True),
    text("home_channel", key=True),  # where the member was first seen to buy; "": no member
    *(integer(name) for name in CHANNEL_FIGURES),
)

member_channels = Table(
    "member_channels",
    metadata,
    text("member_id", key=True),
    text("home_channel"),
    text("channels"),  # JSON list, sorted
)

channel_set = Table("channel_set", metadata, text("channels", key=True), integer("members"))
"""How many members buy in just these channels."""

member_months = Table("member_months", metadata, text("member_id", key=True), text("months"))
"""JSON object: month → sales, of each member."""

MONTH_FIGURES = ("sales", "active", "again", "fresh", "kept", "recent")

month_members = Table(
    "month_members", metadata, text("month", key=True), *(integer(name) for name in MONTH_FIGURES)
)
"""Members who bought in a month: `again` twice or more, `fresh` for the first time, `kept` in the one before

too; `recent` in it or in the two months before.
"""

tier_known = Table("tier_known", metadata, text("member_id", key=True), text("tier"))
tier_move = Table(
    "tier_move",
    metadata,
    text("month", key=True),
    text("from_tier", key=True),  # "": joined
    text("to_tier", key=True),
    integer("members"),
)

tier_moved = Table(
    "tier_moved",
    metadata,
    text("month", key=True),
    text("from_tier", key=True),
    text("to_tier", key=True),
    text("member_id", key=True),
    integer("at_ms", key=True),
    text("because"),  # workstation/incarnation/number of what said so; "": an import
)
"""Each move of `tier_move`, but for members who came with an import: there may be a million on one day."""

channel_price = Table(
    "channel_price",
    metadata,
    text("business_day", key=True),
    text("region", key=True),
    text("sku", key=True),
    text("channel", key=True),
    integer("low_minor"),  # by piece or kg, before discounts
    text("low_document"),  # workstation/incarnation/number
    integer("high_minor"),
    text("high_document"),
    integer("quantity_milli"),
)

channel_gap = Table(
    "channel_gap",
    metadata,
    text("business_day", key=True),
    text("region", key=True),
    text("sku", key=True),
    integer("gap_ppm"),  # of the lower price
    text("low_channel"),
    integer("low_minor"),
    text("low_document"),
    text("high_channel"),
    integer("high_minor"),
    text("high_document"),
)
"""Items whose lowest price of a day differs between channels of a region."""

lot_region = Table(
    "lot_region",
    metadata,
    text("sku", key=True),
    text("lot", key=True),
    text("region", key=True),
    text("document"),  # the first goods receipt heard of
    text("store_id"),
    text("business_day"),
    integer("quantity_milli"),
)

lot_sale = Table(
    "lot_sale",
    metadata,
    text("workstation_id", key=True),
    integer("incarnation", key=True),
    integer("number", key=True),
    integer("line_no", key=True),
    text("business_day"),
    text("store_id"),
    text("region"),
    text("sku"),
    text("lot"),
    integer("quantity_milli"),
    integer("net_minor"),
    integer("astray"),  # 1: the lot was received, and never in this region
    Index("lot_sale_astray", "astray", "business_day"),
    Index("lot_sale_by_lot", "sku", "lot"),
)

TABLES = (
    channel_store,
    channel_home,
    member_channels,
    channel_set,
    member_months,
    month_members,
    tier_known,
    tier_move,
    tier_moved,
    channel_price,
    channel_gap,
    lot_region,
    lot_sale,
)
