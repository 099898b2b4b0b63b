"""Beginning a new epoch: after a restore, and when the database server is another or on a new timeline.

A promoted standby may lack what was acknowledged just before; it says so by its timeline. A cluster that
was restored from a logical dump says so by its system identifier.
"""

from __future__ import annotations

import secrets
from typing import Any

import psycopg
import structlog

from pos_core.canonical import canonical_bytes
from pos_core.ids import uuid7
from sync_server.store import audit, blob, chain_state, snapshot, store_file
from sync_server.store.engine import Txn

IDENTITY = "database_timeline"
BEGAN = "epoch_began_ms"
"""When the present epoch began; absent in the chain's first."""
_log = structlog.get_logger("sync_server.store")


def begin(txn: Txn, epoch: str, *, now_ms: int, action: str, **facts: Any) -> None:
    """Writes the new epoch down and takes back what was offered under the one before."""
    before = chain_state.epoch(txn)
    chain_state.put(txn, "epoch", epoch)
    chain_state.put(txn, BEGAN, str(now_ms))
    snapshot.forget_all(txn)
    blob.drop_snapshots(txn, keep=[])
    store_file.drop_all(txn)
    audit.add(
        txn, now_ms=now_ms, actor="command line", action=action, subject=epoch, epoch_before=before, **facts
    )


def identity_of(connection: psycopg.Connection[Any]) -> str:
    """`<system identifier>/<timeline>` of the server; "" where it has no such thing (autocommit)."""
    try:
        row = connection.execute(
            "SELECT (SELECT system_identifier FROM pg_control_system()), "
            "('x' || substr(pg_walfile_name(pg_current_wal_insert_lsn()), 1, 8))::bit(32)::int"
        ).fetchone()
    except (
        psycopg.errors.UndefinedFunction,
        psycopg.errors.InsufficientPrivilege,
        psycopg.NotSupportedError,
    ):
        return ""
    return "" if row is None else f"{row[0]}/{row[1]}"


def settle(connection: psycopg.Connection[Any], identity: str) -> bool:
    """Compares with what the chain has written down; another one begins a new epoch. False: no chain yet.

    Below `Store`, which asks for this before its first transaction on a new connection.
    """
    found = connection.execute("SELECT to_regclass('chain_state'), to_regclass('snapshot')").fetchone()
    if found is None or None in found:
        connection.rollback()
        return False
    connection.rollback()
    facts = dict(
        connection.execute(
            "SELECT name, value FROM chain_state WHERE name IN ('epoch', %s) FOR UPDATE", [IDENTITY]
        ).fetchall()
    )
    if "epoch" not in facts:
        connection.rollback()
        return False
    known = facts.get(IDENTITY)
    if known != identity:
        if known is not None and identity:
            _begin_here(connection, facts["epoch"], known, identity)
        connection.execute(
            "INSERT INTO chain_state (name, value) VALUES (%s, %s) "
            "ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            [IDENTITY, identity],
        )
    connection.commit()
    return True


def _begin_here(connection: psycopg.Connection[Any], before: str, known: str, identity: str) -> None:
    row = connection.execute("SELECT (extract(epoch FROM clock_timestamp()) * 1000)::int8").fetchone()
    assert row is not None
    now_ms = int(row[0])
    epoch = uuid7(now_ms, secrets.token_bytes(10))
    facts = {"epoch_before": before, "timeline_before": known, "timeline": identity}
    connection.execute("UPDATE chain_state SET value = %s WHERE name = 'epoch'", [epoch])
    connection.execute(
        "INSERT INTO chain_state (name, value) VALUES (%s, %s) "
        "ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        [BEGAN, str(now_ms)],
    )
    connection.execute("DELETE FROM snapshot")
    # Rows of `store_file` name their epoch, so they are offered no more; the next look at them drops them.
    connection.execute("DELETE FROM blob WHERE purpose IN ('snapshot', 'store_file')")
    connection.execute(
        "INSERT INTO audit (audit_id, at_ms, actor, action, subject, facts) VALUES (%s, %s, %s, %s, %s, %s)",
        [
            uuid7(now_ms, secrets.token_bytes(10)),
            now_ms,
            "head office",
            "timeline_changed",
            epoch,
            canonical_bytes(facts).decode(),
        ],
    )
    _log.warning("timeline_changed", **facts)
