"""Tables of `peers.db`: documents of peers, the rows that follow from them, heads witnessed, members' keys,

and of documents that were let go those with coupons: head office does not tell every till of every coupon.

The file is a copy of what others keep themselves. So it has no migrations: one of another version, or one
that cannot be read, is thrown away and filled again.
"""

from __future__ import annotations

from pos_client.storage.connection import Connection
from pos_core.sync.projection import TABLES

APPLICATION_ID = 0x54_44_50_31
VERSION = 3
SeriesKey = tuple[str, int]
"""Workstation and incarnation."""
KEPT_TABLES = (
    "transaction_total",
    "stock_movement",
    "count_line",
    "points_movement",
    "stored_value_movement",
    "coupon_use",
)
"""What shared state is folded from; the same rows as in the journal, and the same queries read them."""
_TYPES = {"integer": "INTEGER"}
_FOUND_BY = {
    "transaction_total": "member_id",
    "stock_movement": "sku",
    "count_line": "sku",
    "points_movement": "member_id",
    "stored_value_movement": "account_id",
    "coupon_use": "campaign_id",
}
_OWN = (
    "CREATE TABLE peer_series (workstation_id TEXT NOT NULL, incarnation INTEGER NOT NULL,"
    " PRIMARY KEY (workstation_id, incarnation)) STRICT, WITHOUT ROWID",
    "CREATE TABLE peer_document (workstation_id TEXT NOT NULL, incarnation INTEGER NOT NULL,"
    " number INTEGER NOT NULL, type TEXT NOT NULL, hash TEXT NOT NULL, data BLOB NOT NULL,"
    " PRIMARY KEY (workstation_id, incarnation, number)) STRICT",
    "CREATE TABLE peer_head (workstation_id TEXT NOT NULL, incarnation INTEGER NOT NULL,"
    " number INTEGER NOT NULL, hash TEXT NOT NULL, signature TEXT NOT NULL,"
    " PRIMARY KEY (workstation_id, incarnation)) STRICT, WITHOUT ROWID",
    "CREATE TABLE peer_coupon_document (campaign_id TEXT NOT NULL, coupon_code TEXT NOT NULL,"
    " workstation_id TEXT NOT NULL, incarnation INTEGER NOT NULL, number INTEGER NOT NULL,"
    " occurred_at_ms INTEGER NOT NULL, data BLOB NOT NULL,"
    " PRIMARY KEY (campaign_id, coupon_code, workstation_id, incarnation, number)) STRICT",
    "CREATE TABLE peer_member_key (member_id TEXT PRIMARY KEY, key BLOB NOT NULL) STRICT, WITHOUT ROWID",
)

BY_TYPE = (
    "CREATE INDEX IF NOT EXISTS peer_document_by_type ON peer_document"
    " (type, workstation_id, incarnation, number)"
)
"""Rare documents among many sales: who is locked, what is put aside, who joined. Made at each opening."""


def build(connection: Connection) -> None:
    """All tables; the caller holds the transaction."""
    for statement in _OWN:
        connection.execute(statement)
    for name in KEPT_TABLES:
        table = TABLES[name]
        columns = ", ".join(
            f"{each.name} {_TYPES.get(each.type, 'TEXT')}{'' if each.nullable else ' NOT NULL'}"
            for each in table.columns
        )
        key = ", ".join(table.column_names[: table.key_length])
        connection.execute(f"CREATE TABLE {name} ({columns}, PRIMARY KEY ({key})) STRICT, WITHOUT ROWID")
        connection.execute(f"CREATE INDEX {name}_by ON {name} ({_FOUND_BY[name]})")
    connection.execute(f"PRAGMA user_version = {VERSION:d}")
