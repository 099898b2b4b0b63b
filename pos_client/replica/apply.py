"""Feed pages into tables: rows, deletions and cursor in one transaction; what is unknown is kept aside."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from pos_client.replica import search_index
from pos_client.storage.errors import Busy
from pos_core.errors import InvalidInput
from pos_core.sync.reference import KINDS, Kind
from resources.replica import signed_64, upsert_statement

if TYPE_CHECKING:
    from pos_client.storage.connection import Connection
    from pos_core.sync.protocol import FeedPage, FeedRows

_encode = msgspec.json.Encoder().encode
_DEFAULTS: dict[str, Any] = {"text": "", "integer": 0, "json": "null", "blob": ""}


class BadPage(InvalidInput):
    """A feed page that contradicts the protocol; nothing of it was applied."""

    code = "bad_feed_page"


class CursorMismatch(InvalidInput):
    """A page that does not start at our cursor: a late or doubled answer; nothing of it was applied."""

    code = "cursor_mismatch"


def row_digest(kind: str, row: Sequence[Any]) -> int:
    """`pos_core.sync.digest.row_hash` as a signed integer; msgspec writes the same bytes, faster."""
    text = _encode([kind, *row])
    return signed_64(int.from_bytes(hashlib.blake2b(text, digest_size=8).digest(), "big"))


def apply_page(connection: Connection, page: FeedPage) -> None:
    """Write a page inside the caller's transaction. Raises BadPage, CursorMismatch.

    The page's `after` must be our cursor, and its epoch the cursor's, unless it starts from 0: so a page
    that arrives twice, late or out of order changes nothing.
    """
    _check_cursor(connection, page)
    for part in page.kinds:
        kind = KINDS.get(part.kind)
        if kind is None:
            _keep_aside(connection, page.scope, part)
        else:
            _apply_kind(connection, page.scope, kind, part)
    connection.execute(
        "INSERT INTO feed_cursor (scope, epoch, sequence, complete) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (scope) DO UPDATE SET epoch = excluded.epoch, sequence = excluded.sequence,"
        " complete = max(complete, excluded.complete)",
        (page.scope, page.epoch, page.to, int(page.to == page.head)),
    )


def replace_scope(connection: Connection, scope: str, pages: Iterable[FeedPage]) -> None:
    """Put a whole pull from 0 in the place of a scope's rows, inside the caller's transaction.

    Readers see the old rows until COMMIT, then the new ones; rows that the server no longer has are gone.
    """
    forget_rows(connection, scope)
    for page in pages:
        apply_page(connection, page)
    if scope == "chain":
        search_index.note_deleted_items(connection)


def adopt_cursor(connection: Connection, scope: str, epoch: str, sequence: int) -> None:
    """The rows here are the server's at `(epoch, sequence)`: a digest said so. Nothing is pulled again."""
    connection.execute(
        "UPDATE feed_cursor SET epoch = ?, sequence = ? WHERE scope = ?", (epoch, sequence, scope)
    )


def forget_rows(connection: Connection, scope: str) -> None:
    """Delete the rows and the cursor of a scope; search entries follow by `catch_up`."""
    for kind in KINDS.values():
        if kind.scope == scope.partition(":")[0]:
            connection.execute(f"DELETE FROM {kind.name}")  # noqa: S608 - a name of KINDS
    connection.execute("DELETE FROM unknown_row WHERE scope = ?", (scope,))
    connection.execute("DELETE FROM feed_cursor WHERE scope = ?", (scope,))


def put_ahead(connection: Connection, scope: str, kinds: Iterable[FeedRows]) -> None:
    """Rows that the feed is about to bring, taken now; the cursor stays. Raises BadPage."""
    for part in kinds:
        kind = KINDS.get(part.kind)
        if kind is not None:
            _apply_kind(connection, scope, kind, part)


def forget_member(connection: Connection, member_id: str) -> None:
    """Delete what a store knows of one member."""
    for kind in ("member", "member_detail", "member_pricing", "member_coupon"):
        connection.execute(f"DELETE FROM {kind} WHERE member_id = ?", (member_id,))  # noqa: S608 - our names


def empty_the_log(connection: Connection, path: Path) -> None:
    """Old versions of pages leave the write-ahead log. Raises Busy."""
    if connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]:
        raise Busy(f"{path}: a long read holds the log; try again.", path=str(path))


def _check_cursor(connection: Connection, page: FeedPage) -> None:
    if not page.after <= page.to <= page.head or not page.epoch:
        raise BadPage("after, to and head are out of order", scope=page.scope, after=page.after, to=page.to)
    row = connection.execute(
        "SELECT epoch, sequence FROM feed_cursor WHERE scope = ?", (page.scope,)
    ).fetchone()
    epoch, sequence = row or ("", 0)
    if page.after != sequence or (sequence > 0 and epoch != page.epoch):
        raise CursorMismatch(
            "the page does not start at the cursor", scope=page.scope, after=page.after, cursor=sequence
        )


def _apply_kind(connection: Connection, scope: str, kind: Kind, part: FeedRows) -> None:
    if kind.scope != scope.partition(":")[0]:
        raise BadPage("this kind does not travel in this scope", kind=kind.name, scope=scope)
    if part.rows:
        statement = upsert_statement(kind.name, kind.column_names, kind.key_length)
        if tuple(part.columns) == kind.column_names:
            parameters = _plain_rows(kind, part)
        else:
            parameters = _mapped_rows(kind, part)
        connection.executemany(statement, parameters)
    if part.deleted:
        where = " AND ".join(f"{name} = ?" for name in kind.column_names[: kind.key_length])
        keys = [_key(kind, key) for key in part.deleted]
        connection.executemany(f"DELETE FROM {kind.name} WHERE {where}", keys)  # noqa: S608 - names of KINDS
    if kind.name == "item":
        search_index.items_changed(
            connection, [row[0] for row in part.rows], [key[0] for key in part.deleted]
        )


def _plain_rows(kind: Kind, part: FeedRows) -> Iterator[tuple[Any, ...]]:
    """The usual case, straight through: the server's columns are ours."""
    name, width = kind.name, len(kind.columns)
    for row in part.rows:
        if len(row) != width:
            raise BadPage("a row has another length than its columns", kind=name)
        yield (*row, row_digest(name, row), None)


def _mapped_rows(kind: Kind, part: FeedRows) -> Iterator[tuple[Any, ...]]:
    """A newer or older server: unknown columns go into `extra`, missing ones get their empty value."""
    place = {name: index for index, name in enumerate(part.columns)}
    if any(name not in place for name in kind.column_names[: kind.key_length]):
        raise BadPage("a key column is missing", kind=kind.name)
    unknown = [name for name in part.columns if name not in kind.column_names]
    for row in part.rows:
        if len(row) != len(part.columns):
            raise BadPage("a row has another length than its columns", kind=kind.name)
        values = [
            row[place[column.name]]
            if column.name in place
            else (None if column.nullable else _DEFAULTS[column.type])
            for column in kind.columns
        ]
        extra = _encode({name: row[place[name]] for name in unknown}).decode() if unknown else None
        yield (*values, row_digest(kind.name, row), extra)


def _key(kind: Kind, key: Sequence[Any]) -> tuple[Any, ...]:
    if len(key) != kind.key_length:
        raise BadPage("a deleted key has another length than the kind's", kind=kind.name)
    return tuple(key)


def _keep_aside(connection: Connection, scope: str, part: FeedRows) -> None:
    columns = _encode(part.columns).decode()
    rows = [(scope, part.kind, columns, _encode(row).decode(), 0) for row in part.rows]
    rows += [(scope, part.kind, columns, _encode(key).decode(), 1) for key in part.deleted]
    connection.executemany(
        "INSERT OR REPLACE INTO unknown_row (scope, kind, columns, payload, deleted) VALUES (?, ?, ?, ?, ?)",
        rows,
    )
