"""Drafts become documents: numbered, timed, chained, and written with every row that follows from them."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Any

from pos_client.journal.draft import Draft, ForeignDocument, Recorded, Tail, document_key
from pos_client.journal.encode import encode_document
from pos_client.journal.fold import fold
from pos_client.journal.member_keys import seal_fields
from pos_client.storage.connection import Connection
from pos_client.storage.named_sql import load_queries
from pos_core.canonical import canonical_bytes, parse_strict
from pos_core.clock import parse_hybrid_time
from pos_core.ids import uuid7
from pos_core.sync.document import DOCUMENT_TYPES, Header, Series, document_hash, envelope

SQL = load_queries("pos_client.journal", "document")


def append_drafts(
    connection: Connection, tail: Tail, drafts: Sequence[Draft], now_ms: int
) -> tuple[list[Recorded], Tail]:
    """Writes `drafts` after `tail`, inside the caller's transaction. Returns what stands there now."""
    recorded = []
    for draft in drafts:
        assert draft.type in DOCUMENT_TYPES, draft.type
        hybrid_time = tail.hybrid_time.tick(now_ms)
        header = Header(
            type=draft.type,
            series=tail.series,
            number=tail.number + 1,
            document_id=uuid7(now_ms, secrets.token_bytes(10)),
            store_id=tail.store_id,
            occurred_at_ms=now_ms,
            hybrid_time=hybrid_time,
            business_day=draft.business_day,
            operator_id=draft.operator_id,
            shift_id=draft.shift_id,
            release=draft.release,
            prev_hash=tail.hash,
        )
        body = draft.body
        if draft.complete is not None:
            body = {**body, **draft.complete(connection, tail.head)}
        if draft.personal is not None:
            personal = seal_fields(connection, draft.personal, header.document_id, now_ms)
            body = {**body, "personal": personal}
        document = envelope(header, body)
        data = encode_document(header, document)
        one = _insert(connection, document, data)
        tail = Tail(tail.series, tail.store_id, one.number, one.hash, hybrid_time)
        recorded.append(one)
    return recorded, tail


def append_foreign(connection: Connection, tail: Tail, data: bytes) -> tuple[Recorded, Tail]:
    """Writes a document of our own series that another keeper handed back, bytes untouched.

    Raises ForeignDocument unless it is exactly the one that comes next in this chain.
    """
    document = parse_strict(data)
    if not isinstance(document, dict) or canonical_bytes(document) != data:
        raise ForeignDocument("these bytes are no canonical document")
    expected = {
        "workstation_id": tail.series.workstation_id,
        "incarnation": tail.series.incarnation,
        "number": tail.number + 1,
        "prev_hash": tail.hash,
    }
    for name, value in expected.items():
        if document.get(name) != value:
            raise ForeignDocument(
                f"{name} is {document.get(name)!r}, the next document here has {value!r}",
                number=tail.number + 1,
                field=name,
            )
    one = _insert(connection, document, data)
    heard = max(tail.hybrid_time, parse_hybrid_time(document["hlc"]))
    return one, Tail(tail.series, tail.store_id, one.number, one.hash, heard)


def _insert(connection: Connection, document: dict[str, Any], data: bytes) -> Recorded:
    digest = document_hash(data)
    incarnation, number = document["incarnation"], document["number"]
    release = document["release"]
    connection.execute(
        SQL["insert_document"],
        (
            document_key(incarnation, number),
            incarnation,
            number,
            document["type"],
            document["document_id"],
            document["occurred_at_ms"],
            document["hlc"],
            document["business_day"],
            document["operator_id"],
            document["shift_id"],
            None if release is None else release["version"],
            digest,
            data,
        ),
    )
    fold(connection, document)
    return Recorded(
        series=Series(document["workstation_id"], incarnation),
        number=number,
        type=document["type"],
        document_id=document["document_id"],
        occurred_at_ms=document["occurred_at_ms"],
        hash=digest,
        data=data,
    )
