"""One schema definition for embedded SQLite and PostgreSQL."""

from sync_server.store.schema import (
    allowance,
    campaign,
    console,
    demand,
    exception,
    folding,
    gift_card,
    member_box,
    member_card,
    personal,
    price_change,
    price_check,
    promotion_change,
    replay,
    rollout,
    stock,
)
from sync_server.store.schema.tables import metadata

__all__ = [
    "allowance",
    "campaign",
    "console",
    "demand",
    "erasure",
    "exception",
    "feed_age",
    "folding",
    "gift_card",
    "member_box",
    "member_card",
    "metadata",
    "personal",
    "price_change",
    "price_check",
    "promotion_change",
    "replay",
    "rollout",
    "stock",
]
