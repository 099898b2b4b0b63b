"""Replays: a draft over past baskets, with how far it is and what came of it so far."""

from __future__ import annotations

from sqlalchemy import Index, Table

from sync_server.store.schema.columns import integer, text
from sync_server.store.schema.tables import metadata

replay = Table(
    "replay",
    metadata,
    text("replay_id", key=True),  # UUIDv7
    text("change_id"),  # the draft of promotions or of prices
    text("title"),
    text("why"),
    text("created_login"),
    integer("created_at_ms"),
    text("store_ids"),  # JSON list, sorted
    text("day_from"),  # business days, both inside
    text("day_to"),
    text("question"),  # JSON {before, after: promotions; prices: list → SKU → price}
    text("state"),  # running | done | stopped
    text("cursor"),  # JSON [store, day, workstation, incarnation, number] of the last basket; [] at first
    integer("total"),
    integer("baskets"),
    integer("touched"),
    integer("failed"),
    integer("before_minor"),  # goods, of baskets that could be priced
    integer("after_minor"),
    integer("costed_before_minor"),  # of them, goods whose cost is known
    integer("costed_after_minor"),
    integer("cost_minor"),
    integer("changed_at_ms"),
    integer("bound"),  # baskets whose price is not proven to be the lowest
    integer("gap_minor"),  # what they might cost less, together
    Index("replay_by_state", "state", "replay_id"),
)

replay_sum = Table(
    "replay_sum",
    metadata,
    text("replay_id", key=True),
    text("subject", key=True),  # item | store
    text("key", key=True),  # SKU, store id
    integer("baskets"),  # that are touched
    integer("before_minor"),
    integer("after_minor"),
)

replay_basket = Table(
    "replay_basket",
    metadata,
    text("workstation_id", key=True),
    integer("incarnation", key=True),
    integer("number", key=True),
    text("replay_id", key=True),
    text("store_id"),
    text("business_day"),
    integer("before_minor"),
    integer("after_minor"),
    integer("oddness"),  # -1: it could not be priced
    text("fault"),
    Index("replay_basket_by_replay", "replay_id"),
)
"""The oddest baskets, and the first that could not be priced."""

TABLES = (replay, replay_sum, replay_basket)
