"""Marks of how old places in the feed are; deletions below a scope's horizon are forgotten."""

from __future__ import annotations

from sqlalchemy import bindparam, delete, func, select

from sync_server.store.engine import Txn
from sync_server.store.prepared import Prepared
from sync_server.store.schema.feed_age import feed_horizon, feed_mark
from sync_server.store.schema.tables import feed_row, scope_head

_HORIZON = Prepared(select(feed_horizon.c.sequence).where(feed_horizon.c.scope == bindparam("scope")))


def horizon(txn: Txn, scope: str) -> int:
    """Cursors above 0 and below this have missed deletions."""
    return int(_HORIZON.value(txn, scope=scope) or 0)


def mark(txn: Txn, now_ms: int) -> None:
    """Remembers every scope's head as of now, where it has moved since the last mark."""
    newest = {
        scope: int(sequence)
        for scope, sequence in txn.execute(
            select(feed_mark.c.scope, func.max(feed_mark.c.sequence)).group_by(feed_mark.c.scope)
        )
    }
    rows = [
        (scope, now_ms, int(sequence))
        for scope, sequence in txn.execute(select(scope_head.c.scope, scope_head.c.sequence))
        if sequence > newest.get(scope, 0)
    ]
    txn.insert_many(feed_mark, rows, on_conflict="ignore")


def forget_deletions(txn: Txn, before_ms: int) -> int:
    """Drops deletions from before an instant, as far as marks prove their age; returns how many."""
    old = txn.execute(
        select(feed_mark.c.scope, func.max(feed_mark.c.sequence))
        .where(feed_mark.c.at_ms <= before_ms)
        .group_by(feed_mark.c.scope)
    ).fetchall()
    dropped = 0
    for scope, sequence in old:
        gone = txn.execute(
            delete(feed_row).where(
                feed_row.c.scope == scope,
                feed_row.c.deleted == 1,
                feed_row.c.sequence > 0,
                feed_row.c.sequence <= sequence,
            )
        ).rowcount
        if gone:
            txn.insert_many(feed_horizon, [(scope, int(sequence))], on_conflict="replace")
        txn.execute(
            delete(feed_mark).where(
                feed_mark.c.scope == scope, feed_mark.c.at_ms <= before_ms, feed_mark.c.sequence < sequence
            )
        )
        dropped += int(gone)
    return dropped
