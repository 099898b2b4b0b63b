"""Keys of sales channels, by the hash of the key."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select, update

from sync_server.store.engine import Txn
from sync_server.store.schema.price_check import channel_key


@dataclass(frozen=True, slots=True)
class ChannelKeyRow:
    """One key; what is kept of it."""

    key_hash: str
    channel: str
    note: str
    created_at_ms: int
    revoked_at_ms: int | None = None


def add(txn: Txn, row: ChannelKeyRow) -> None:
    """Keeps a new key."""
    txn.insert_many(
        channel_key, [(row.key_hash, row.channel, row.note, row.created_at_ms, row.revoked_at_ms)]
    )


def by_hash(txn: Txn, key_hash: str) -> ChannelKeyRow | None:
    """One key."""
    row = txn.execute(select(channel_key).where(channel_key.c.key_hash == key_hash)).one_or_none()
    return None if row is None else ChannelKeyRow(*row)


def listing(txn: Txn) -> list[ChannelKeyRow]:
    """Every key, oldest first."""
    statement = select(channel_key).order_by(channel_key.c.created_at_ms, channel_key.c.key_hash)
    return [ChannelKeyRow(*row) for row in txn.execute(statement)]


def revoke(txn: Txn, key_hash_begins: str, now_ms: int) -> int:
    """Revokes every key whose hash begins so; returns how many."""
    done = txn.execute(
        update(channel_key)
        .where(channel_key.c.key_hash.startswith(key_hash_begins), channel_key.c.revoked_at_ms.is_(None))
        .values(revoked_at_ms=now_ms)
    )
    return int(done.rowcount)
