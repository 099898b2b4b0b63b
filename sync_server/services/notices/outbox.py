"""Notices are put into the outbox in the transaction of what they are about, and never twice."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sync_server.services.notices.kinds import SENDING
from sync_server.store import notice, notice_setup
from sync_server.store.engine import Txn
from sync_server.store.notice import NoticeRow

Fact = str | int | Mapping[str, str]
"""Text, a moment (UTC, milliseconds), or a text for each language."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A notice that somebody is to get. `facts`: what texts may say; nothing of the member himself."""

    event: str
    member_id: str
    reference: str
    campaign_id: str = ""
    facts: Mapping[str, Fact] = field(default_factory=dict)
    not_after_ms: int | None = None
    withheld: str = ""


def notice_id(event: str, reference: str, member_id: str) -> str:
    """32 hex digits that stand for this notice for good, after a restore too."""
    text = f"tidemark.notice.1\x00{event}\x00{reference}\x00{member_id}"
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def is_told(txn: Txn, event: str) -> bool:
    """Has anybody written a text for this event, and left it on."""
    return any(row.event == event and row.state == "on" for row in notice_setup.templates(txn).values())


def queue(txn: Txn, wanted: Sequence[Wanted], now_ms: int) -> None:
    """Into the outbox; one that is there already stays as it is. An event without a text leaves nothing."""
    told = {event: event == SENDING.key or is_told(txn, event) for event in {each.event for each in wanted}}
    notice.add(txn, [_row(each, now_ms) for each in wanted if told[each.event]])


def _row(wanted: Wanted, now_ms: int) -> NoticeRow:
    return NoticeRow(
        notice_id(wanted.event, wanted.reference, wanted.member_id),
        wanted.event,
        wanted.member_id,
        wanted.reference,
        wanted.campaign_id,
        "",
        json.dumps(wanted.facts, ensure_ascii=False, sort_keys=True),
        "withheld" if wanted.withheld else "waiting",
        wanted.withheld,
        None,
        0,
        now_ms,
        wanted.not_after_ms,
        now_ms,
        now_ms,
    )
