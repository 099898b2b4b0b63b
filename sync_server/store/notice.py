"""The outbox of notices and what became of each."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import delete, func, select, update

from sync_server.store.engine import Txn
from sync_server.store.schema.notice import notice, notice_attempt

_AT_ONCE = 400


@dataclass(frozen=True, slots=True)
class NoticeRow:
    """One notice; see the table."""

    notice_id: str
    event: str
    member_id: str
    reference: str
    campaign_id: str
    channel: str
    facts: str
    state: str
    reason: str
    template_version: int | None
    attempts: int
    next_at_ms: int
    not_after_ms: int | None
    created_at_ms: int
    changed_at_ms: int


@dataclass(frozen=True, slots=True)
class AttemptRow:
    """One attempt; see the table."""

    notice_id: str
    number: int
    at_ms: int
    channel: str
    outcome: str
    detail: str
    took_ms: int


def add(txn: Txn, rows: Sequence[NoticeRow]) -> None:
    """New notices; one that is there already stays as it is."""
    txn.insert_many(notice, [dataclasses.astuple(row) for row in rows], on_conflict="ignore")


def put(txn: Txn, row: NoticeRow) -> None:
    """Another state of one."""
    values = dataclasses.asdict(row)
    txn.execute(update(notice).where(notice.c.notice_id == row.notice_id).values(**values))


def get(txn: Txn, notice_id: str) -> NoticeRow | None:
    """One notice."""
    row = txn.execute(select(notice).where(notice.c.notice_id == notice_id)).one_or_none()
    return None if row is None else NoticeRow(*row)


def get_many(txn: Txn, notice_ids: Sequence[str]) -> dict[str, NoticeRow]:
    """Notices by id."""
    found: dict[str, NoticeRow] = {}
    for start in range(0, len(notice_ids), _AT_ONCE):
        statement = select(notice).where(notice.c.notice_id.in_(notice_ids[start : start + _AT_ONCE]))
        found |= {row[0]: NoticeRow(*row) for row in txn.execute(statement)}
    return found


def due(txn: Txn, now_ms: int, limit: int) -> list[NoticeRow]:
    """Those that wait and whose time has come, the longest waiting first."""
    statement = (
        select(notice)
        .where(notice.c.state == "waiting", notice.c.next_at_ms <= now_ms)
        .order_by(notice.c.next_at_ms, notice.c.notice_id)
        .limit(limit)
    )
    return [NoticeRow(*row) for row in txn.execute(statement)]


def listing(
    txn: Txn, *, state: str = "", event: str = "", reference: str = "", before: str = "", limit: int
) -> list[NoticeRow]:
    """The newest first; `before`: behind the notice of this id."""
    statement = select(notice)
    for column, wanted in ((notice.c.state, state), (notice.c.event, event), (notice.c.reference, reference)):
        if wanted:
            statement = statement.where(column == wanted)
    last = get(txn, before) if before else None
    if last is not None:
        older = notice.c.created_at_ms < last.created_at_ms
        beside = (notice.c.created_at_ms == last.created_at_ms) & (notice.c.notice_id < last.notice_id)
        statement = statement.where(older | beside)
    statement = statement.order_by(notice.c.created_at_ms.desc(), notice.c.notice_id.desc()).limit(limit)
    return [NoticeRow(*row) for row in txn.execute(statement)]


def counts(txn: Txn, *, reference: str = "") -> dict[str, int]:
    """How many of each state."""
    statement = select(notice.c.state, func.count()).group_by(notice.c.state)
    if reference:
        statement = statement.where(notice.c.reference == reference)
    return {state: count for state, count in txn.execute(statement)}  # noqa: C416


def sent_since(txn: Txn, member_ids: Sequence[str], since_ms: int, events: Sequence[str]) -> dict[str, int]:
    """Member → notices of these events that went out to him since a moment."""
    found: dict[str, int] = {}
    for start in range(0, len(member_ids), _AT_ONCE):
        statement = (
            select(notice.c.member_id, func.count())
            .where(
                notice.c.member_id.in_(member_ids[start : start + _AT_ONCE]),
                notice.c.changed_at_ms >= since_ms,
                notice.c.state == "sent",
                notice.c.event.in_(events),
            )
            .group_by(notice.c.member_id)
        )
        found |= {member_id: count for member_id, count in txn.execute(statement)}  # noqa: C416
    return found


def cancel_waiting(txn: Txn, reference: str, now_ms: int, reason: str) -> int:
    """What of a reference has not gone out stays here; returns how many those are."""
    statement = (
        update(notice)
        .where(notice.c.reference == reference, notice.c.state == "waiting")
        .values(state="cancelled", reason=reason, changed_at_ms=now_ms)
    )
    return int(txn.execute(statement).rowcount)


def dead(txn: Txn, limit: int) -> list[NoticeRow]:
    """Dead letters, the oldest first."""
    statement = select(notice).where(notice.c.state == "dead")
    statement = statement.order_by(notice.c.created_at_ms, notice.c.notice_id).limit(limit)
    return [NoticeRow(*row) for row in txn.execute(statement)]


def note_attempts(txn: Txn, rows: Iterable[AttemptRow]) -> None:
    """What came of attempts."""
    txn.insert_many(notice_attempt, [dataclasses.astuple(row) for row in rows], on_conflict="replace")


def attempts(txn: Txn, notice_id: str) -> list[AttemptRow]:
    """Of one notice, in order."""
    statement = select(notice_attempt).where(notice_attempt.c.notice_id == notice_id)
    return [AttemptRow(*row) for row in txn.execute(statement.order_by(notice_attempt.c.number))]


def purge(txn: Txn, before_ms: int, limit: int) -> int:
    """Forgets settled notices that are older; returns how many (call again while it is `limit`)."""
    old = select(notice.c.notice_id).where(notice.c.created_at_ms < before_ms, notice.c.state != "waiting")
    ids = list(txn.execute(old.order_by(notice.c.created_at_ms).limit(limit)).scalars())
    for table in (notice_attempt, notice):
        for start in range(0, len(ids), _AT_ONCE):
            txn.execute(delete(table).where(table.c.notice_id.in_(ids[start : start + _AT_ONCE])))
    return len(ids)
