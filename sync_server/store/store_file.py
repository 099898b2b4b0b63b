"""Replica files of single stores: what there is, what must go, and which stores wait for one.

A dropped file's key is gone with the commit that drops it, so whatever has its bytes cannot read them; the
row stays until somebody has removed the bytes too.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlalchemy import func, select, update

from sync_server.store import blob
from sync_server.store.engine import Txn
from sync_server.store.schema.store_file import store_file, store_file_wish
from sync_server.store.schema.tables import enrolment_code, feed_row

PURPOSE = "store_file"
PERSONAL_KINDS = ("member", "member_detail", "member_pricing", "member_coupon", "ruling")
"""Kinds whose rows name or find a person: when one vanishes from a slice, no older file of it may stay."""


@dataclass(frozen=True, slots=True)
class StoreFileRow:
    """One file; `file_key` is its raw SQLCipher key, `cursors` are scope → sequence."""

    sha256: str
    store_id: str
    epoch: str
    cursors: Mapping[str, int]
    schema_version: int
    length: int
    file_key: bytes
    built_at_ms: int


def add(txn: Txn, row: StoreFileRow) -> None:
    """A file that is in place; only its store's scope may fetch it."""
    values = (
        row.sha256,
        row.store_id,
        row.epoch,
        json.dumps(row.cursors, ensure_ascii=False),
        row.schema_version,
        row.length,
        row.file_key,
        row.built_at_ms,
        0,
    )
    txn.insert_many(store_file, [values], on_conflict="replace")
    blob.put(
        txn,
        sha256=row.sha256,
        scope=f"store:{row.store_id}",
        length=row.length,
        purpose=PURPOSE,
        now_ms=row.built_at_ms,
    )


def living(txn: Txn, store_id: str | None = None) -> list[StoreFileRow]:
    """Of one store, or all; the newest first."""
    statement = select(store_file).where(store_file.c.dropped == 0)
    if store_id is not None:
        statement = statement.where(store_file.c.store_id == store_id)
    rows = txn.execute(statement.order_by(store_file.c.built_at_ms.desc(), store_file.c.sha256))
    return [
        StoreFileRow(
            row.sha256,
            row.store_id,
            row.epoch,
            json.loads(row.cursors),
            row.schema_version,
            row.length,
            bytes(row.file_key),
            row.built_at_ms,
        )
        for row in rows
    ]


def drop(txn: Txn, sha256s: Collection[str]) -> None:
    """Nobody is offered or served these any more, and their keys are gone."""
    if not sha256s:
        return
    named = store_file.c.sha256.in_(sorted(sha256s))
    txn.execute(update(store_file).where(named).values(dropped=1, file_key=b""))
    for sha256 in sorted(sha256s):
        blob.drop_purpose(txn, sha256, PURPOSE)


def drop_all(txn: Txn) -> None:
    """After a restore nothing that was built before is offered."""
    drop(txn, [row.sha256 for row in living(txn)])


def drop_those_with_vanished(txn: Txn) -> None:
    """Drops every file that holds a personal row that its slice has no more.

    Called in the transaction that makes rows vanish where that is an erasure.
    """
    drop(txn, [row.sha256 for row in living(txn) if holds_vanished(txn, row)])


def holds_vanished(txn: Txn, row: StoreFileRow) -> bool:
    """Whether a personal row vanished from the slice since the file was built."""
    scope = f"store:{row.store_id}"
    # `|| ''`: found among what is new, not by walking through every row of these kinds.
    gone = (
        select(feed_row.c.sequence)
        .where(
            feed_row.c.scope == scope,
            feed_row.c.deleted == 1,
            feed_row.c.kind.concat("").in_(PERSONAL_KINDS),
        )
        .limit(1)
    )
    shown = gone.where(feed_row.c.sequence > row.cursors.get(scope, 0))
    unshown = gone.where(feed_row.c.sequence < 0)  # committed, not in the feed yet (PostgreSQL, for moments)
    return any(txn.execute(each).first() is not None for each in (shown, unshown))


def dropped(txn: Txn) -> list[str]:
    """Files whose bytes are still to be removed."""
    return list(txn.execute(select(store_file.c.sha256).where(store_file.c.dropped == 1)).scalars())


def forget(txn: Txn, sha256s: Collection[str]) -> None:
    """Their bytes are gone."""
    named = store_file.c.sha256.in_(sorted(sha256s))
    txn.execute(store_file.delete().where(store_file.c.dropped == 1, named))


# Who waits -------------------------------------------------------------------------------------------


def wish(txn: Txn, store_id: str, now_ms: int) -> None:
    """A workstation of this store waits for a file."""
    txn.insert_many(store_file_wish, [(store_id, now_ms)], on_conflict="replace")


def end_wishes(txn: Txn, store_id: str, *, before_ms: int) -> None:
    """This store has its file; whoever asked before an instant has long started otherwise."""
    wishes = store_file_wish.c
    txn.execute(
        store_file_wish.delete().where((wishes.store_id == store_id) | (wishes.asked_at_ms < before_ms))
    )


def wishing(txn: Txn, since_ms: int) -> list[str]:
    """Stores whose workstation has asked since an instant, whoever asked first first."""
    wishes = store_file_wish.c
    statement = select(wishes.store_id).where(wishes.asked_at_ms >= since_ms).order_by(wishes.asked_at_ms)
    return list(txn.execute(statement).scalars())


def expecting(txn: Txn, now_ms: int) -> list[str]:
    """Stores for which an enrolment code waits to be used."""
    codes = enrolment_code.c
    statement = (
        select(codes.store_id)
        .where(codes.used_at_ms.is_(None), codes.expires_at_ms > now_ms)
        .group_by(codes.store_id)
        .order_by(func.min(codes.expires_at_ms))
    )
    return list(txn.execute(statement).scalars())
