"""Price changes of the console, and items laid out for lists, search and joins."""

from __future__ import annotations

from sqlalchemy import Index, Table

from sync_server.store.schema.columns import integer, text
from sync_server.store.schema.tables import metadata, price_draft

catalog_item = Table(
    "catalog_item",
    metadata,
    text("sku", key=True),
    text("name"),
    text("name_en"),
    text("brand", null=True),
    text("department_code", null=True),
    text("sale_kind"),
    integer("floor_minor", null=True),
    integer("active"),
    text("search"),  # lower case: SKU, names, brand, pinyin initials
    text("tags", null=True),  # JSON list; null: none
    Index("catalog_item_by_department", "department_code", "sku"),
)
"""The `item` rows of the chain's feed in columns; `feed.put_rows` keeps it."""

catalog_item_tagged = Index(
    "catalog_item_tagged",
    catalog_item.c.tags,
    postgresql_where=catalog_item.c.tags.is_not(None),
    sqlite_where=catalog_item.c.tags.is_not(None),
)
"""Which tags there are: few of a hundred thousand items bear one."""

price_change = Table(
    "price_change",
    metadata,
    text("change_id", key=True),  # UUIDv7
    text("title"),
    text("why"),
    text("state"),  # draft | waiting | approved | published | dropped
    integer("effective_from_ms"),  # of rows that say nothing else
    integer("effective_to_ms", null=True),
    text("created_by"),  # a user's id; the login beside it is what people read
    text("created_login"),
    text("editors"),  # JSON list of the ids of all who have put something into it
    integer("created_at_ms"),
    text("submitted_by", null=True),
    text("submitted_login", null=True),
    text("decided_by", null=True),
    text("decided_login", null=True),
    text("decided_why", null=True),
    integer("changed_at_ms"),
    integer("version", null=True),  # the release that carries it
    text("findings", null=True),  # JSON of the last check (services/console/price_checks.py)
    Index("price_change_by_state", "state", "change_id"),
)

price_change_row = Table(
    "price_change_row",
    metadata,
    text("change_id", key=True),
    text("price_list_id", key=True),
    text("sku", key=True),
    integer("effective_from_ms", key=True),
    integer("effective_to_ms", null=True),
    integer("price_minor"),
    Index("price_change_row_by_sku", "change_id", "sku"),
)

price_draft_by_sku = Index("price_draft_by_sku", price_draft.c.sku)
price_draft_waiting = Index(
    "price_draft_waiting",
    price_draft.c.price_list_id,
    price_draft.c.sku,
    postgresql_where=price_draft.c.published_version.is_(None),
    sqlite_where=price_draft.c.published_version.is_(None),
)
"""What waits for a release: some rows among a million."""
