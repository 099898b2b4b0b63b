"""The feed's rows: the latest state per key, each under the sequence of its last change.

A row that is put again unchanged keeps its sequence, so a repeated import sends nothing to anybody.
Pages are joined from the stored JSON text; nothing is parsed on the way out.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import bindparam, func, select

from pos_core.errors import InvalidInput
from pos_core.sync.digest import text_hash
from pos_core.sync.reference import KINDS, Kind
from sync_server.store import catalog
from sync_server.store.engine import Txn
from sync_server.store.prepared import Prepared, parts
from sync_server.store.schema.tables import feed_row
from sync_server.store.schema.tables import scope_head as scope_head_table

FIRST_ROWS = 256
"""So many rows of a page are asked for at once; most pages hold less."""
_place = (feed_row.c.scope == bindparam("scope"), feed_row.c.kind == bindparam("of_kind"))
_KNOWN = Prepared(
    select(feed_row.c.key, feed_row.c.payload).where(
        *_place, feed_row.c.key.in_(bindparam("keys", expanding=True))
    )
)
_BY_KEY = Prepared(
    select(feed_row.c.payload).where(*_place, feed_row.c.key == bindparam("of_key"), feed_row.c.deleted == 0)
)
_HEAD = Prepared(select(func.max(scope_head_table.c.sequence)))
_SCOPE_HEADS = Prepared(select(scope_head_table.c.scope, scope_head_table.c.sequence))
_SCOPE_HEAD = Prepared(
    select(scope_head_table.c.sequence).where(scope_head_table.c.scope == bindparam("of_scope"))
)
_page = (
    select(feed_row.c.sequence, feed_row.c.kind, feed_row.c.deleted, feed_row.c.payload, feed_row.c.key)
    .where(feed_row.c.scope == bindparam("scope"), feed_row.c.sequence > bindparam("after"))
    .order_by(feed_row.c.sequence)
)
_FIRST_ROWS = Prepared(_page.limit(FIRST_ROWS))


class BadRow(InvalidInput):
    """A row that does not fit its kind's columns; `facts` name kind and column."""

    code = "bad_row"


@dataclass(frozen=True, slots=True)
class Changes:
    """What `put_rows` did. `head` is the feed's last sequence now."""

    inserted: int
    changed: int
    unchanged: int
    deleted: int
    head: int


@dataclass(frozen=True, slots=True)
class PageRow:
    """One row of a page: `payload` is JSON text of the row, or of the key when it is deleted."""

    sequence: int
    kind: str
    deleted: bool
    payload: str


def put_rows(
    txn: Txn,
    kind: str,
    scope: str,
    rows: Iterable[Sequence[Any]],
    deleted: Iterable[Sequence[Any]] = (),
) -> Changes:
    """Makes `rows` (wire column order) and `deleted` (keys) the state of their keys in this scope.

    The last of several rows with one key wins. A key that is deleted and was never there leaves no trace.
    Raises BadRow before anything is written.
    """
    shape = KINDS[kind]
    wanted: dict[str, str] = {}
    for row in rows:
        check_row(shape, row)
        wanted[_text(row[: shape.key_length])] = _text(row)
    for key in deleted:
        wanted[_text(key)] = ""
    known = _known(txn, scope, kind, list(wanted))
    changes = [
        (key, payload)
        for key, payload in wanted.items()
        if known.get(key, "" if payload == "" else None) != payload
    ]
    if changes:
        sequences = txn.next_sequences(len(changes), scope)
        txn.insert_many(
            feed_row,
            [
                (scope, kind, key, sequence, int(not payload), payload, *_halves(kind, payload))
                for (key, payload), sequence in zip(changes, sequences, strict=True)
            ],
            on_conflict="replace",
        )
    if kind == "item" and scope == "chain":
        gone_skus = [str(json.loads(key)[0]) for key, payload in changes if not payload]
        catalog.put_items(txn, [payload for _, payload in changes if payload], gone_skus)
    gone = sum(1 for _, payload in changes if not payload)
    fresh = sum(1 for key, payload in changes if payload and not known.get(key))
    return Changes(fresh, len(changes) - gone - fresh, len(wanted) - len(changes), gone, head(txn))


def check_row(shape: Kind, row: Sequence[Any]) -> None:
    """Raises BadRow unless `row` has the kind's columns with the types they say."""
    if len(row) != len(shape.columns):
        raise BadRow("wrong number of columns", kind=shape.name, columns=len(row))
    for column, value in zip(shape.columns, row, strict=True):
        if value is None:
            if column.nullable:
                continue
            raise BadRow(f"{column.name} may not be empty", kind=shape.name, column=column.name)
        if column.type == "integer":
            if type(value) is not int:
                raise BadRow(f"{column.name} is not an integer", kind=shape.name, column=column.name)
        elif not isinstance(value, str):
            raise BadRow(f"{column.name} is not text", kind=shape.name, column=column.name)


def head(txn: Txn) -> int:
    """The last sequence that pages of any scope may show."""
    return int(_HEAD.value(txn) or 0)


def scope_head(txn: Txn, scope: str) -> int:
    """The last sequence in one scope; 0 when it has no rows."""
    return int(_SCOPE_HEAD.value(txn, of_scope=scope) or 0)


def scope_heads(txn: Txn) -> dict[str, int]:
    """The last sequence of every scope."""
    return dict(_SCOPE_HEADS.rows(txn))


def unstamped(txn: Txn, scope: str) -> bool:
    """True while rows of the scope are committed that no page shows yet (PostgreSQL, for moments)."""
    statement = select(feed_row.c.sequence).where(feed_row.c.scope == scope, feed_row.c.sequence < 0).limit(1)
    return txn.execute(statement).first() is not None


def waiting(txn: Txn) -> bool:
    """The same of any scope."""
    return (
        txn.execute(select(feed_row.c.sequence).where(feed_row.c.sequence < 0).limit(1)).first() is not None
    )


def page_rows(txn: Txn, scope: str, after: int, bytes_max: int) -> list[PageRow]:
    """Rows with a sequence above `after`, in order, closed once `bytes_max` is passed."""
    page: list[PageRow] = []
    size = 0
    for sequence, kind, deleted, payload, key in _rows_after(txn, scope, after, bytes_max // 16):
        text = key if deleted else payload
        page.append(PageRow(sequence, kind, bool(deleted), text))
        size += len(text) * 2  # a guess between ASCII and Chinese: three bytes a character
        if size >= bytes_max:
            break
    return page


def _rows_after(txn: Txn, scope: str, after: int, rows_max: int) -> Iterator[Sequence[Any]]:
    """The few rows that most pages hold in one go; more of them as a stream."""
    first = _FIRST_ROWS.rows(txn, scope=scope, after=after)
    yield from first
    if len(first) < FIRST_ROWS:
        return
    result = txn.stream(_page.limit(rows_max), scope=scope, after=first[-1][0])
    try:
        while rows := result.fetchmany(500):
            yield from rows
    finally:
        result.close()


def changed_since(txn: Txn, scope: str, after: int, at_most: int) -> int:
    """Rows and deletions of a scope above a sequence, counted no further than `at_most`.

    Not the difference of sequences: on the embedded database all scopes share one row of numbers.
    """
    some = (
        select(feed_row.c.sequence)
        .where(feed_row.c.scope == scope, feed_row.c.sequence > after)
        .limit(at_most)
        .subquery()
    )
    return int(txn.execute(select(func.count()).select_from(some)).scalar_one())


def living_rows(txn: Txn, scopes: Sequence[str], at_most: int) -> int:
    """Living rows of these scopes together, counted no further than `at_most`."""
    some = (
        select(feed_row.c.sequence)
        .where(feed_row.c.scope.in_(scopes), feed_row.c.deleted == 0)
        .limit(at_most)
        .subquery()
    )
    return int(txn.execute(select(func.count()).select_from(some)).scalar_one())


def rows_of(txn: Txn, kind: str, scope: str) -> Iterator[list[Any]]:
    """Every living row of a kind in a scope, in wire column order."""
    statement = select(feed_row.c.payload).where(
        feed_row.c.scope == scope, feed_row.c.kind == kind, feed_row.c.deleted == 0
    )
    for (payload,) in txn.stream(statement):
        yield json.loads(payload)


def rows_in(txn: Txn, kind: str, scopes: Sequence[str]) -> Iterator[tuple[str, list[Any]]]:
    """Scope and row: every living row of a kind in these scopes, each scope a part of the key's index."""
    for some in parts(sorted(scopes)):
        statement = (
            select(feed_row.c.scope, feed_row.c.payload)
            .where(feed_row.c.scope.in_(some), feed_row.c.kind == kind, feed_row.c.deleted == 0)
            .order_by(feed_row.c.scope, feed_row.c.key)
        )
        for scope, payload in txn.stream(statement):
            yield scope, json.loads(payload)


def hashed_rows_of(txn: Txn, kind: str, scope: str) -> Iterator[tuple[list[Any], int]]:
    """Every living row of a kind in a scope with its `digest.row_hash`, in key order."""
    statement = (
        select(feed_row.c.payload, feed_row.c.hash_high, feed_row.c.hash_low)
        .where(feed_row.c.scope == scope, feed_row.c.kind == kind, feed_row.c.deleted == 0)
        .order_by(feed_row.c.key)
    )
    for payload, high, low in txn.stream(statement):
        yield msgspec.json.decode(payload), (high << 32) | low


def keys_after(txn: Txn, kind: str, scope: str, after: int) -> Iterator[list[Any]]:
    """Keys of a kind that changed or were deleted after a sequence; what no page shows yet is left out."""
    statement = select(feed_row.c.key).where(
        feed_row.c.scope == scope, feed_row.c.sequence > after, feed_row.c.kind == kind
    )
    for (key,) in txn.stream(statement):
        yield json.loads(key)


def row_by_key(txn: Txn, kind: str, scope: str, key: Sequence[Any]) -> list[Any] | None:
    """One living row, None when there is none."""
    payload = _BY_KEY.value(txn, scope=scope, of_kind=kind, of_key=_text(key))
    return None if payload is None else json.loads(payload)


def policy(txn: Txn, key: str) -> Any:
    """The decoded value of a policy of the chain; None when head office set none."""
    row = row_by_key(txn, "policy", "chain", [key])
    return None if row is None else json.loads(row[1])


def digests(txn: Txn, scope: str) -> dict[str, list[Any]]:
    """Per kind `[count, sum of row hashes mod 2**64 as 16 hex digits]`, as `pos_core.sync.digest` says."""
    statement = (
        select(feed_row.c.kind, func.count(), func.sum(feed_row.c.hash_high), func.sum(feed_row.c.hash_low))
        .where(feed_row.c.scope == scope, feed_row.c.deleted == 0)
        .group_by(feed_row.c.kind)
    )
    return {
        kind: [int(count), f"{((int(high) << 32) + int(low)) % (1 << 64):016x}"]
        for kind, count, high, low in txn.execute(statement)
    }


def scopes(txn: Txn) -> list[str]:
    """Every scope that has rows."""
    return list(txn.execute(select(feed_row.c.scope).distinct().order_by(feed_row.c.scope)).scalars())


def _text(values: Sequence[Any]) -> str:
    return msgspec.json.encode(list(values)).decode()


def _halves(kind: str, payload: str) -> tuple[int, int]:
    """`digest.row_hash` of the row, from its text: the kind stands before it in one list."""
    if not payload:
        return 0, 0
    value = text_hash(f'["{kind}",{payload[1:]}')
    return value >> 32, value & 0xFFFFFFFF


def _known(txn: Txn, scope: str, kind: str, keys: list[str]) -> dict[str, str]:
    known: dict[str, str] = {}
    for part in parts(keys):
        known.update(_KNOWN.rows(txn, scope=scope, of_kind=kind, keys=part))
    return known


def payloads(txn: Txn, scope: str) -> Iterator[tuple[str, str, bool]]:
    """`(kind, JSON text, deleted)` of every row of a scope."""
    statement = select(feed_row.c.kind, feed_row.c.payload, feed_row.c.deleted).where(
        feed_row.c.scope == scope
    )
    for row in txn.stream(statement):
        yield row[0], row[1], row[2] != 0
