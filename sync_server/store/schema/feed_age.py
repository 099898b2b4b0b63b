"""How old places in the feed are, and below which a cursor has missed deletions."""

from __future__ import annotations

from sqlalchemy import Table

from sync_server.store.schema.columns import integer, text
from sync_server.store.schema.tables import metadata

feed_mark = Table(
    "feed_mark", metadata, text("scope", key=True), integer("at_ms", key=True), integer("sequence")
)
"""A scope's head at a moment, once a day while it moves."""

feed_horizon = Table("feed_horizon", metadata, text("scope", key=True), integer("sequence"))
"""Deletions up to here are forgotten: whoever stands below pulls the scope anew."""

TABLES = (feed_mark, feed_horizon)
