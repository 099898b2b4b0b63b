"""Access log of personal data, and the jobs on it."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from sync_server.store.engine import Txn
from sync_server.store.masters import MemberRow
from sync_server.store.schema.personal import personal_access, personal_job
from sync_server.store.schema.tables import member, projected

_total, _points = projected["transaction_total"], projected["points_movement"]


@dataclass(frozen=True, slots=True)
class AccessRow:
    """One look; see the table."""

    access_id: str
    at_ms: int
    user_id: str
    login: str
    action: str
    subject: str
    rows: int
    purpose: str
    refused: int = 0


@dataclass(frozen=True, slots=True)
class JobRow:
    """One job; see the table."""

    job_id: str
    kind: str
    subject: str
    question: str
    rows: int
    state: str
    why: str
    created_by: str
    created_login: str
    created_at_ms: int
    decided_by: str | None = None
    decided_login: str | None = None
    decided_why: str | None = None
    decided_at_ms: int | None = None
    taken: int = 0


def note(txn: Txn, row: AccessRow) -> None:
    """Adds a look; none is ever changed."""
    txn.insert_many(personal_access, [dataclasses.astuple(row)])


def rows_since(txn: Txn, user_id: str, since_ms: int, actions: Sequence[str]) -> int:
    """How many rows a user has seen by these actions since a moment."""
    columns = personal_access.c
    statement = select(func.coalesce(func.sum(columns.rows), 0)).where(
        columns.user_id == user_id, columns.at_ms >= since_ms, columns.action.in_(actions)
    )
    return int(txn.execute(statement).scalar_one())


def looks(txn: Txn, *, subject: str = "", login: str = "", limit: int) -> list[AccessRow]:
    """The newest first, of one member or one user or all."""
    statement = select(personal_access)
    if subject:
        statement = statement.where(personal_access.c.subject == subject)
    if login:
        statement = statement.where(personal_access.c.login == login)
    statement = statement.order_by(personal_access.c.access_id.desc()).limit(limit)
    return [AccessRow(*row) for row in txn.execute(statement)]


def put_job(txn: Txn, row: JobRow) -> None:
    """Adds or changes one."""
    txn.insert_many(personal_job, [dataclasses.astuple(row)], on_conflict="replace")


def job(txn: Txn, job_id: str) -> JobRow | None:
    """One job."""
    row = txn.execute(select(personal_job).where(personal_job.c.job_id == job_id)).one_or_none()
    return None if row is None else JobRow(*row)


def jobs(txn: Txn, kind: str, limit: int) -> list[JobRow]:
    """The newest first."""
    statement = select(personal_job).where(personal_job.c.kind == kind)
    return [
        JobRow(*row) for row in txn.execute(statement.order_by(personal_job.c.job_id.desc()).limit(limit))
    ]


def exports_since(txn: Txn, user_id: str, since_ms: int) -> int:
    """How many exports a user has asked for since a moment."""
    statement = select(func.count()).where(
        personal_job.c.created_by == user_id,
        personal_job.c.kind == "export",
        personal_job.c.created_at_ms >= since_ms,
    )
    return int(txn.execute(statement).scalar_one())


def members_of(
    txn: Txn, after: str, limit: int, *, tiers: Sequence[str], stores: Sequence[str]
) -> list[MemberRow]:
    """The next members by id; empty `tiers` or `stores`: all."""
    statement = select(member).where(member.c.member_id > after)
    if tiers:
        statement = statement.where(member.c.tier.in_(list(tiers)))
    if stores:
        statement = statement.where(member.c.home_store_id.in_(list(stores)))
    return [MemberRow(*row) for row in txn.execute(statement.order_by(member.c.member_id).limit(limit))]


def sales_of(txn: Txn, member_ids: Sequence[str], limit: int) -> list[dict[str, Any]]:
    """Sales and returns of a member's ids, the newest day first."""
    columns = _total.c
    statement = (
        select(
            columns.workstation_id,
            columns.incarnation,
            columns.number,
            columns.store_id,
            columns.business_day,
            columns.type,
            columns.total_minor,
        )
        .where(columns.member_id.in_(member_ids))
        .order_by(columns.business_day.desc(), columns.workstation_id, columns.number.desc())
        .limit(limit)
    )
    return [dict(row._mapping) for row in txn.execute(statement)]


def points_of(txn: Txn, member_ids: Sequence[str], limit: int) -> list[dict[str, Any]]:
    """Movements of points of a member's ids, the newest day first."""
    columns = _points.c
    statement = (
        select(
            columns.workstation_id,
            columns.incarnation,
            columns.number,
            columns.store_id,
            columns.business_day,
            columns.points,
            columns.reason,
        )
        .where(columns.member_id.in_(member_ids))
        .order_by(columns.business_day.desc(), columns.hlc.desc(), columns.movement_no)
        .limit(limit)
    )
    return [dict(row._mapping) for row in txn.execute(statement)]
