"""Gift cards that head office has had printed."""

from __future__ import annotations

from sqlalchemy import Table

from sync_server.store.schema.columns import integer, text
from sync_server.store.schema.tables import metadata

gift_card = Table(
    "gift_card",
    metadata,
    text("account_id", key=True),  # the number under head office's own key; the number itself is kept nowhere
    text("store_id"),  # where it was delivered to
    text("last_four"),
    integer("blocked"),
)

TABLES = (gift_card,)
