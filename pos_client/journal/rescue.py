"""Healing a journal that is shorter than its witness: documents taken back, or the next series begun."""

from __future__ import annotations

from collections.abc import Sequence

from pos_client.journal import opening
from pos_client.journal.append import append_drafts, append_foreign
from pos_client.journal.draft import Head, Recorded, Tail
from pos_client.journal.sessions import doubt_sign_ons
from pos_client.journal.settings import delete_setting
from pos_client.storage.connection import Connection
from pos_core.canonical import parse_strict
from pos_core.sync.document import Series


def adopt(connection: Connection, tail: Tail, documents: Sequence[bytes]) -> Tail:
    """Writes documents of ours that another kept after `tail`. Raises ForeignDocument (none is kept)."""
    for data in documents:
        _, tail = append_foreign(connection, _series_for(connection, tail, data), data)
    return tail


def begin_next_series(
    connection: Connection,
    old: Tail,
    seen: Head | None,
    *,
    reason: str,
    incarnation: int,
    public_key: str,
    app_version: str,
    now_ms: int,
) -> tuple[list[Recorded], Tail]:
    """Begins a series above `old`, above what the witness has `seen`, and not below `incarnation`."""
    newest = max(old.series.incarnation, seen.series.incarnation if seen else 0) + 1
    series = Series(old.series.workstation_id, max(newest, incarnation))
    tail = opening.begin_series(connection, series, old.store_id, old.hybrid_time)
    locked_until_ms = None if reason == "enrolled" else doubt_sign_ons(connection, now_ms)
    draft = opening.series_opened(
        reason=reason,
        public_key=public_key,
        app_version=app_version,
        now_ms=now_ms,
        previous=old.head if old.number else None,
        witness=seen,
        sign_on_locked_until_ms=locked_until_ms,
    )
    delete_setting(connection, opening.UNPROVEN)
    return append_drafts(connection, tail, [draft], now_ms)


def _series_for(connection: Connection, tail: Tail, data: bytes) -> Tail:
    """The tail that `data` continues: the present one, or a later series that it begins."""
    document = parse_strict(data)
    incarnation = document.get("incarnation") if isinstance(document, dict) else None
    if not isinstance(incarnation, int) or incarnation <= tail.series.incarnation:
        return tail
    series = Series(tail.series.workstation_id, incarnation)
    return opening.begin_series(connection, series, tail.store_id, tail.hybrid_time)
