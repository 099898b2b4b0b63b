"""Enrolled workstations, their status reports and when they were last heard."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger, bindparam, cast, func, select

from sync_server.store.engine import Txn
from sync_server.store.prepared import Prepared
from sync_server.store.schema.tables import series, status_report, workstation

_GET = Prepared(select(workstation).where(workstation.c.workstation_id == bindparam("of")))
_RAISE = Prepared(
    workstation.update()
    .where(workstation.c.workstation_id == bindparam("of"), workstation.c.incarnation < bindparam("life"))
    .values(incarnation=bindparam("life"))
)
_TOUCH = Prepared(
    workstation.update()
    .where(
        workstation.c.workstation_id == bindparam("of"), workstation.c.last_contact_ms < bindparam("at_ms")
    )
    .values(last_contact_ms=bindparam("at_ms"))
)


@dataclass(frozen=True, slots=True)
class WorkstationRow:
    """One workstation. Keys are base64."""

    workstation_id: str
    store_id: str
    name: str
    state: str
    public_key: str
    sealing_key: str
    incarnation: int
    app_version: str
    enrolled_at_ms: int
    revoked_at_ms: int | None
    last_contact_ms: int


def get(txn: Txn, workstation_id: str) -> WorkstationRow | None:
    """One workstation."""
    rows = _GET.rows(txn, of=workstation_id)
    return WorkstationRow(*rows[0]) if rows else None


def add(txn: Txn, row: WorkstationRow) -> None:
    """Enrols one."""
    txn.insert_many(
        workstation,
        [
            (
                row.workstation_id,
                row.store_id,
                row.name,
                row.state,
                row.public_key,
                row.sealing_key,
                row.incarnation,
                row.app_version,
                row.enrolled_at_ms,
                row.revoked_at_ms,
                row.last_contact_ms,
            )
        ],
    )


def revoke(txn: Txn, workstation_id: str, now_ms: int) -> bool:
    """Revokes one; False when it is not there or was revoked before."""
    changed = txn.execute(
        workstation.update()
        .where(workstation.c.workstation_id == workstation_id, workstation.c.state == "active")
        .values(state="revoked", revoked_at_ms=now_ms)
        .returning(workstation.c.workstation_id)
    )
    return changed.first() is not None


def raise_incarnation(txn: Txn, workstation_id: str, incarnation: int) -> None:
    """Remembers the newest incarnation heard of."""
    _RAISE.rows(txn, of=workstation_id, life=incarnation)


def touch(txn: Txn, contacts: Mapping[str, int]) -> None:
    """Writes down when workstations were last heard (epoch ms by id)."""
    for workstation_id, at_ms in sorted(contacts.items()):  # one order for all: no deadlock
        _TOUCH.rows(txn, of=workstation_id, at_ms=at_ms)


def put_status(txn: Txn, row: tuple[Any, ...]) -> None:
    """The newest status report in place of the one before; column order of the table."""
    txn.insert_many(status_report, [row], on_conflict="replace")


def listing(txn: Txn) -> list[dict[str, Any]]:
    """Every workstation with its newest status report and how far its newest series is."""
    acked = (
        select(series.c.workstation_id, cast(func.sum(series.c.acked_number), BigInteger).label("documents"))
        .group_by(series.c.workstation_id)
        .subquery()
    )
    statement = (
        select(
            workstation.c.workstation_id,
            workstation.c.store_id,
            workstation.c.name,
            workstation.c.state,
            workstation.c.incarnation,
            workstation.c.app_version,
            workstation.c.enrolled_at_ms,
            workstation.c.last_contact_ms,
            func.coalesce(acked.c.documents, 0).label("documents"),
            status_report.c.release_version,
            status_report.c.staged_versions,
            status_report.c.documents_waiting,
            status_report.c.clock_offset_ms,
            status_report.c.cursors,
            status_report.c.refusals,
        )
        .outerjoin(acked, acked.c.workstation_id == workstation.c.workstation_id)
        .outerjoin(status_report, status_report.c.workstation_id == workstation.c.workstation_id)
        .order_by(workstation.c.store_id, workstation.c.name)
    )
    return [dict(row._mapping) for row in txn.execute(statement)]


def held_releases(txn: Txn) -> list[tuple[int, str]]:
    """Of each active workstation that has reported: the release in force and the staged ones (JSON list)."""
    statement = (
        select(status_report.c.release_version, status_report.c.staged_versions)
        .join(workstation, workstation.c.workstation_id == status_report.c.workstation_id)
        .where(workstation.c.state == "active")
    )
    return [(int(row[0] or 0), str(row[1])) for row in txn.execute(statement)]


def count_by_state(txn: Txn) -> dict[str, int]:
    """How many are active, how many revoked."""
    statement = select(workstation.c.state, func.count()).group_by(workstation.c.state)
    return {row[0]: row[1] for row in txn.execute(statement)}


def last_heard(txn: Txn) -> dict[str, int]:
    """Store → the newest contact of any of its active workstations."""
    statement = (
        select(workstation.c.store_id, func.max(workstation.c.last_contact_ms))
        .where(workstation.c.state == "active")
        .group_by(workstation.c.store_id)
    )
    return {row[0]: row[1] for row in txn.execute(statement)}


def stores_by_id(txn: Txn) -> dict[str, str]:
    """Workstation → its store, revoked ones too."""
    rows = txn.execute(select(workstation.c.workstation_id, workstation.c.store_id))
    return {row[0]: row[1] for row in rows}


def names(txn: Txn, workstation_ids: Sequence[str]) -> dict[str, str]:
    """Names of some hundreds of workstations."""
    columns = workstation.c
    statement = select(columns.workstation_id, columns.name)
    rows = txn.execute(statement.where(columns.workstation_id.in_(list(workstation_ids))))
    return {row[0]: row[1] for row in rows}


def names_of_store(txn: Txn, store_id: str) -> list[tuple[str, str]]:
    """Id and name of a store's workstations by name, revoked ones too."""
    columns = workstation.c
    statement = select(columns.workstation_id, columns.name).where(columns.store_id == store_id)
    return [(row[0], row[1]) for row in txn.execute(statement.order_by(columns.name, columns.workstation_id))]
