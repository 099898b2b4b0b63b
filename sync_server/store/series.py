"""Series: how far each one is here, and the heads that workstations have signed."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import bindparam, func, select

from sync_server.store.engine import Txn
from sync_server.store.prepared import Prepared
from sync_server.store.schema.tables import series, signed_head

HEADS_LOOKED_AT = 5000
"""One for each push: some days' worth. A backup that is older is no reason to search for ever."""

_GET = Prepared(
    select(series).where(
        series.c.workstation_id == bindparam("of"), series.c.incarnation == bindparam("life")
    )
)


@dataclass(frozen=True, slots=True)
class SeriesRow:
    """One series of one workstation; `acked_number` counts quarantined places too."""

    workstation_id: str
    incarnation: int
    store_id: str
    public_key: str
    acked_number: int
    head_hash: str
    opened_at_ms: int
    received_at_ms: int


def get(txn: Txn, workstation_id: str, incarnation: int) -> SeriesRow | None:
    """One series, None before its first document."""
    rows = _GET.rows(txn, of=workstation_id, life=incarnation)
    return SeriesRow(*rows[0]) if rows else None


def put(txn: Txn, row: SeriesRow) -> None:
    """Opens or advances a series."""
    txn.insert_many(
        series,
        [
            (
                row.workstation_id,
                row.incarnation,
                row.store_id,
                row.public_key,
                row.acked_number,
                row.head_hash,
                row.opened_at_ms,
                row.received_at_ms,
            )
        ],
        on_conflict="replace",
    )


def keep_head(
    txn: Txn,
    *,
    workstation_id: str,
    incarnation: int,
    number: int,
    head_hash: str,
    signature: str,
    now_ms: int,
) -> None:
    """Keeps the workstation's own signature over a head: proof against an edited ledger."""
    txn.insert_many(
        signed_head,
        [(workstation_id, incarnation, number, head_hash, signature, now_ms)],
        on_conflict="ignore",
    )


def heads(txn: Txn, workstation_id: str, incarnation: int) -> list[tuple[int, str, str]]:
    """`(number, hash, signature)` of every signed head, in order."""
    statement = (
        select(signed_head.c.number, signed_head.c.hash, signed_head.c.signature)
        .where(signed_head.c.workstation_id == workstation_id, signed_head.c.incarnation == incarnation)
        .order_by(signed_head.c.number)
    )
    return [(row[0], row[1], row[2]) for row in txn.execute(statement)]


def of_workstation(txn: Txn, workstation_id: str) -> list[SeriesRow]:
    """Its series, newest incarnation first."""
    statement = select(series).where(series.c.workstation_id == workstation_id)
    return [SeriesRow(*row) for row in txn.execute(statement.order_by(series.c.incarnation.desc()))]


def all_series(txn: Txn) -> list[SeriesRow]:
    """Every series."""
    return [
        SeriesRow(*row)
        for row in txn.execute(select(series).order_by(series.c.workstation_id, series.c.incarnation))
    ]


def number_received_before(txn: Txn, workstation_id: str, incarnation: int, before_ms: int) -> int:
    """The highest number that was certainly here at an instant; 0 when none was, or it is too long ago."""
    newest = (
        select(signed_head.c.number, signed_head.c.received_at_ms)
        .where(signed_head.c.workstation_id == workstation_id, signed_head.c.incarnation == incarnation)
        .order_by(signed_head.c.number.desc())
        .limit(HEADS_LOOKED_AT)
        .subquery()
    )
    found = select(func.max(newest.c.number)).where(newest.c.received_at_ms < before_ms)
    return int(txn.execute(found).scalar() or 0)
