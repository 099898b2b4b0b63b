"""Cards that members carry."""

from __future__ import annotations

from sqlalchemy import Index, Table

from sync_server.store.schema.columns import binary, text
from sync_server.store.schema.tables import metadata

member_card = Table(
    "member_card",
    metadata,
    text("member_id", key=True),
    text("card_index"),  # HMAC under head office's own key: a number belongs to one member
    binary("personal"),  # AES-256-GCM under the member's own key: JSON {card}
)
member_card_by_index = Index("member_card_by_index", member_card.c.card_index, unique=True)

TABLES = (member_card,)
