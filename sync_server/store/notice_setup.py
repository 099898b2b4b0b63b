"""Channels that notices go out by, their templates, and sendings by hand."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

from sqlalchemy import select

from sync_server.store.engine import Txn
from sync_server.store.schema.notice import notice_channel, notice_sending, notice_template


@dataclass(frozen=True, slots=True)
class ChannelRow:
    """One channel's adapter; see the table."""

    channel: str
    adapter: str = "off"
    url: str = ""
    secret_number: int = 0
    secret_since_ms: int = 0
    changed_login: str = ""
    changed_at_ms: int = 0
    wanted: str | None = None


@dataclass(frozen=True, slots=True)
class TemplateRow:
    """One text; see the table."""

    event: str
    channel: str
    language: str
    version: int
    state: str
    subject: str
    body: str
    provider_code: str
    changed_login: str
    changed_at_ms: int


@dataclass(frozen=True, slots=True)
class SendingRow:
    """One sending by hand; see the table."""

    sending_id: str
    title: str
    question: str
    state: str
    rows: int
    cursor: str
    queued: int
    held_out: int
    why: str
    created_by: str
    created_login: str
    created_at_ms: int
    decided_by: str | None = None
    decided_login: str | None = None
    decided_why: str | None = None
    changed_at_ms: int = 0


def channels(txn: Txn) -> dict[str, ChannelRow]:
    """Those that were ever set, by name."""
    return {row[0]: ChannelRow(*row) for row in txn.execute(select(notice_channel))}


def put_channel(txn: Txn, row: ChannelRow) -> None:
    """Sets one."""
    txn.insert_many(notice_channel, [dataclasses.astuple(row)], on_conflict="replace")


def templates(txn: Txn) -> dict[tuple[str, str, str], TemplateRow]:
    """Every text by event, channel and language; some dozens."""
    return {(row[0], row[1], row[2]): TemplateRow(*row) for row in txn.execute(select(notice_template))}


def put_template(txn: Txn, row: TemplateRow) -> None:
    """Sets one."""
    txn.insert_many(notice_template, [dataclasses.astuple(row)], on_conflict="replace")


def put_sending(txn: Txn, row: SendingRow) -> None:
    """Adds or changes one."""
    txn.insert_many(notice_sending, [dataclasses.astuple(row)], on_conflict="replace")


def sending(txn: Txn, sending_id: str) -> SendingRow | None:
    """One sending."""
    row = txn.execute(select(notice_sending).where(notice_sending.c.sending_id == sending_id)).one_or_none()
    return None if row is None else SendingRow(*row)


def sendings(txn: Txn, limit: int) -> list[SendingRow]:
    """The newest first."""
    statement = select(notice_sending).order_by(notice_sending.c.sending_id.desc()).limit(limit)
    return [SendingRow(*row) for row in txn.execute(statement)]


def oldest_approved(txn: Txn) -> SendingRow | None:
    """The sending to go on with."""
    statement = select(notice_sending).where(notice_sending.c.state == "approved")
    row = txn.execute(statement.order_by(notice_sending.c.sending_id).limit(1)).first()
    return None if row is None else SendingRow(*row)
