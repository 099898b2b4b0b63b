"""Enrolment codes: only their hashes are kept."""

from __future__ import annotations

from sqlalchemy import select

from sync_server.store.engine import Txn
from sync_server.store.schema.tables import enrolment_code


def add(txn: Txn, *, code_hash: str, store_id: str, now_ms: int, expires_at_ms: int) -> None:
    """Keeps a new code."""
    txn.insert_many(enrolment_code, [(code_hash, store_id, now_ms, expires_at_ms, None, None)])


def store_of(txn: Txn, code_hash: str, now_ms: int) -> str | None:
    """The store of a code that may be used now; None when it is unknown, used or expired."""
    return txn.execute(
        select(enrolment_code.c.store_id).where(
            enrolment_code.c.code_hash == code_hash,
            enrolment_code.c.used_at_ms.is_(None),
            enrolment_code.c.expires_at_ms > now_ms,
        )
    ).scalar_one_or_none()


def use(txn: Txn, code_hash: str, *, workstation_id: str, now_ms: int) -> None:
    """Uses a code up."""
    txn.execute(
        enrolment_code.update()
        .where(enrolment_code.c.code_hash == code_hash)
        .values(used_at_ms=now_ms, workstation_id=workstation_id)
    )


def purge(txn: Txn, before_ms: int) -> None:
    """Forgets codes that expired before an instant."""
    txn.execute(enrolment_code.delete().where(enrolment_code.c.expires_at_ms < before_ms))
