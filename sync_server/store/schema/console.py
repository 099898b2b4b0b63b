"""Who may use the console, and who does just now."""

from __future__ import annotations

from sqlalchemy import Index, Table

from sync_server.store.schema.columns import integer, text
from sync_server.store.schema.tables import metadata

console_user = Table(
    "console_user",
    metadata,
    text("user_id", key=True),  # UUIDv7
    text("login"),
    text("name"),
    text("password_hash"),  # argon2id
    text("roles"),  # JSON list
    text("region", null=True),  # of a regional manager
    text("state"),  # active | disabled | frozen
    text("language"),  # zh | en
    integer("must_change"),  # 1: the password came from somebody else
    integer("created_at_ms"),
    integer("changed_at_ms"),
    Index("console_user_by_login", "login", unique=True),
)

console_session = Table(
    "console_session",
    metadata,
    text("session_hash", key=True),  # SHA-256 of the cookie's token; the token itself is not kept
    text("user_id"),
    integer("created_at_ms"),
    integer("seen_at_ms"),
    Index("console_session_by_user", "user_id"),
)

console_attempt = Table(
    "console_attempt",
    metadata,
    text("login_hash", key=True),  # of whatever was typed, whether or not there is such a user
    integer("failed"),  # in a row
    integer("locked_until_ms"),
    integer("last_at_ms"),
)
