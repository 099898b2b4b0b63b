"""What could not be applied, with its bytes; and the other sides of forks."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import bindparam, func, select, tuple_, update

from sync_server.store.engine import Txn
from sync_server.store.prepared import Prepared
from sync_server.store.schema.tables import quarantine

Key = tuple[int, str, int, int, str]
"""When a document came (epoch milliseconds), its series, number and hash: its place in a list."""
_PLACE = (
    quarantine.c.received_at_ms,
    quarantine.c.workstation_id,
    quarantine.c.incarnation,
    quarantine.c.number,
    quarantine.c.hash,
)
_IN_CHAIN = Prepared(
    select(quarantine.c.number, quarantine.c.hash).where(
        quarantine.c.workstation_id == bindparam("of"),
        quarantine.c.incarnation == bindparam("life"),
        quarantine.c.number.between(bindparam("first"), bindparam("last")),
        quarantine.c.in_chain == 1,
        quarantine.c.resolved_at_ms.is_(None),
    )
)


@dataclass(frozen=True, slots=True)
class QuarantineRow:
    """One kept document; `in_chain` 1 when it holds its number's place in the series."""

    workstation_id: str
    incarnation: int
    number: int
    hash: str
    store_id: str
    in_chain: int
    prev_hash: str
    reason: str
    detail: str
    data: bytes
    received_at_ms: int
    resolution: str | None = None
    resolved_at_ms: int | None = None


def keep(txn: Txn, rows: Sequence[QuarantineRow]) -> None:
    """Keeps rows; the same bytes at the same place again change nothing."""
    txn.insert_many(
        quarantine,
        [
            (
                row.workstation_id,
                row.incarnation,
                row.number,
                row.hash,
                row.store_id,
                row.in_chain,
                row.prev_hash,
                row.reason,
                row.detail,
                row.data,
                row.received_at_ms,
                row.resolution,
                row.resolved_at_ms,
            )
            for row in rows
        ],
        on_conflict="ignore",
    )


def in_chain(txn: Txn, workstation_id: str, incarnation: int, first: int, last: int) -> dict[int, str]:
    """Hash by number of the places that quarantined documents hold; one that was released holds none."""
    return dict(_IN_CHAIN.rows(txn, of=workstation_id, life=incarnation, first=first, last=last))


def holds_beside(
    txn: Txn, workstation_id: str, incarnation: int, number: int, document_hash: str | None
) -> bool:
    """True when this document is kept beside the chain: the other side of a fork goes on from it."""
    statement = select(quarantine.c.number).where(
        quarantine.c.workstation_id == workstation_id,
        quarantine.c.incarnation == incarnation,
        quarantine.c.number == number,
        quarantine.c.hash == document_hash,
        quarantine.c.in_chain == 0,
    )
    return txn.execute(statement).first() is not None


def listing(
    txn: Txn,
    *,
    stores: Collection[str] | None = None,
    after_ms: int = 0,
    before_ms: int | None = None,
    beyond: Key | None = None,
    limit: int = 1000,
) -> list[QuarantineRow]:
    """Of these stores (None: all), the newest first; with `beyond` those that follow it in this order."""
    statement = select(quarantine).where(quarantine.c.received_at_ms >= after_ms)
    if stores is not None:
        statement = statement.where(quarantine.c.store_id.in_(stores))
    if before_ms is not None:
        statement = statement.where(quarantine.c.received_at_ms < before_ms)
    if beyond is not None:
        statement = statement.where(tuple_(*_PLACE) < tuple_(*beyond))
    statement = statement.order_by(*(column.desc() for column in _PLACE)).limit(limit)
    return [QuarantineRow(*row) for row in txn.execute(statement)]


def waiting(txn: Txn, after: tuple[str, int, int], limit: int) -> list[QuarantineRow]:
    """Unresolved documents in the chain's place, by series and number, after a place."""
    key = tuple_(quarantine.c.workstation_id, quarantine.c.incarnation, quarantine.c.number)
    statement = (
        select(quarantine)
        .where(quarantine.c.in_chain == 1, quarantine.c.resolved_at_ms.is_(None), key > after)
        .order_by(quarantine.c.workstation_id, quarantine.c.incarnation, quarantine.c.number)
        .limit(limit)
    )
    return [QuarantineRow(*row) for row in txn.execute(statement)]


def resolve(txn: Txn, row: QuarantineRow, resolution: str, now_ms: int) -> bool:
    """Marks a row as resolved; False when it was before."""
    statement = (
        update(quarantine)
        .where(
            quarantine.c.workstation_id == row.workstation_id,
            quarantine.c.incarnation == row.incarnation,
            quarantine.c.number == row.number,
            quarantine.c.hash == row.hash,
            quarantine.c.resolved_at_ms.is_(None),
        )
        .values(resolution=resolution, resolved_at_ms=now_ms)
    )
    return bool(txn.execute(statement).rowcount)


def was_ever(txn: Txn, resolution: str) -> bool:
    """Whether any row was resolved so."""
    statement = select(quarantine.c.number).where(quarantine.c.resolution == resolution).limit(1)
    return txn.execute(statement).first() is not None


def place(txn: Txn, workstation_id: str, incarnation: int, number: int) -> QuarantineRow | None:
    """The quarantined document that holds a number's place."""
    row = txn.execute(
        select(quarantine).where(
            quarantine.c.workstation_id == workstation_id,
            quarantine.c.incarnation == incarnation,
            quarantine.c.number == number,
            quarantine.c.in_chain == 1,
        )
    ).one_or_none()
    return None if row is None else QuarantineRow(*row)


def find(
    txn: Txn, workstation_id: str, incarnation: int, number: int, document_hash: str
) -> QuarantineRow | None:
    """One kept document, in the chain's place or beside it."""
    row = txn.execute(
        select(quarantine).where(
            quarantine.c.workstation_id == workstation_id,
            quarantine.c.incarnation == incarnation,
            quarantine.c.number == number,
            quarantine.c.hash == document_hash,
        )
    ).one_or_none()
    return None if row is None else QuarantineRow(*row)


def count(txn: Txn) -> int:
    """How many are kept and not yet resolved."""
    statement = select(func.count()).select_from(quarantine).where(quarantine.c.resolved_at_ms.is_(None))
    return int(txn.execute(statement).scalar_one())
