"""Seals of members: made before a backup, kept until the member is erased."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from sqlalchemy import select

from sync_server.store.engine import Txn
from sync_server.store.schema.member_seal import member_seal
from sync_server.store.schema.tables import member

_AT_ONCE = 400
ROWS_AT_ONCE = 5000
Seal = tuple[str, bytes]
"""Member and 32 random bytes."""


def without(txn: Txn, limit: int) -> list[str]:
    """Members of head office's own table that have no seal yet."""
    joined = member.outerjoin(member_seal, member_seal.c.member_id == member.c.member_id)
    statement = select(member.c.member_id).select_from(joined).where(member_seal.c.member_id.is_(None))
    return list(txn.execute(statement.limit(limit)).scalars())


def put(txn: Txn, seals: Mapping[str, bytes]) -> None:
    """Keeps seals; a member who has one keeps it."""
    txn.insert_many(member_seal, list(seals.items()), on_conflict="ignore")


def of_members(txn: Txn, member_ids: Sequence[str]) -> dict[str, bytes]:
    """Seals by member."""
    found: dict[str, bytes] = {}
    for start in range(0, len(member_ids), _AT_ONCE):
        wanted = member_seal.c.member_id.in_(member_ids[start : start + _AT_ONCE])
        for member_id, key in txn.execute(select(member_seal).where(wanted)):
            found[member_id] = bytes(key)
    return found


def every(txn: Txn) -> Iterator[list[Seal]]:
    """All of them, in batches."""
    result = txn.stream(select(member_seal))
    while rows := result.fetchmany(ROWS_AT_ONCE):
        yield [(member_id, bytes(key)) for member_id, key in rows]
