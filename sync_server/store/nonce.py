"""Nonces of signed requests, shared by the processes that answer for one chain."""

from __future__ import annotations

from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert

from sync_server.store.engine import Txn
from sync_server.store.schema.tables import nonce


def take(txn: Txn, workstation_id: str, value: str, now_ms: int) -> bool:
    """Remembers a nonce; False when it was there. Runs on PostgreSQL alone.

    Not waiting for the disk: what a crash of the database forgets is refused by its age, because the
    crash breaks every connection and `Engine.interruptions` rises.
    """
    txn.execute(text("SELECT set_config('synchronous_commit', 'off', true)"))
    row = {"workstation_id": workstation_id, "nonce": value, "seen_at_ms": now_ms}
    fresh = insert(nonce).values(row).on_conflict_do_nothing().returning(nonce.c.seen_at_ms)
    return txn.execute(fresh).first() is not None


def purge(txn: Txn, before_ms: int) -> None:
    """Forgets nonces that no request can carry any more."""
    txn.execute(nonce.delete().where(nonce.c.seen_at_ms < before_ms))


def count(txn: Txn) -> int:
    """How many are remembered."""
    return len(txn.execute(select(nonce.c.nonce)).all())
