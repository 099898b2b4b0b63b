"""Copying a whole chain from one database to another, counted and compared row by row."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from typing import Any

import msgspec
from sqlalchemy import Table, func, select, update

from sync_server.store import member_seal
from sync_server.store.engine import Store, Txn
from sync_server.store.errors import StoreTrouble
from sync_server.store.parted_copy import Parter
from sync_server.store.schema import metadata
from sync_server.store.schema.member_seal import sealed_row
from sync_server.store.schema.tables import feed_head, feed_row, nonce, scope_head

ROWS_AT_ONCE = 5000
_LEFT_OUT = {nonce.name, sealed_row.name}
"""Nonces die with the processes that were asked; rows lie sealed in backups alone."""

Batches = Iterator[list[tuple[Any, ...]]]
Digests = dict[str, tuple[int, str]]
"""Table → rows, and the sum of their hashes mod 2**64 as 16 hex digits."""


class CopyDiffers(StoreTrouble):
    """The copy does not hold the same rows; it was taken back."""

    code = "copy_differs"


class CannotCopy(StoreTrouble):
    """A row that the other database cannot store (text with a NUL character); nothing was changed."""

    code = "cannot_copy"


def tables() -> list[Table]:
    """Every table of a chain that is copied."""
    return [table for table in metadata.sorted_tables if table.name not in _LEFT_OUT]


def digests(txn: Txn) -> Digests:
    """Counts and sums of every table, the same on both databases for the same rows."""
    return {table.name: _digest(rows_of(txn, table)) for table in tables()}


def rows_of(txn: Txn, table: Table) -> Iterator[list[tuple[Any, ...]]]:
    """Rows in the table's column order, in batches."""
    result = txn.stream(select(table))
    while rows := result.fetchmany(ROWS_AT_ONCE):
        yield [tuple(row) for row in rows]


def copy_chain(
    source: Store,
    target: Store,
    finish: Callable[[Txn], None],
    on_table: Callable[[str, int], None],
    parter: Parter | None = None,
) -> Digests:
    """Fills an empty schema in one transaction and reads it back; `finish` runs last inside it.

    `parter` says what stays out of the copy, or lies sealed in it. Raises CopyDiffers, CannotCopy; the
    target is as empty as before then.
    """

    def copy(into: Txn) -> Digests:
        def read(out: Txn) -> Digests:
            found: Digests = {}
            for table in tables():
                rows = rows_of(out, table) if parter is None else _parted(parter, out, into, table)
                batches = _copied(into, table, rows)
                found[table.name] = _digest(batches)
                on_table(table.name, found[table.name][0])
            return found

        sent = source.read(read)
        kept = digests(into)
        if kept != sent:
            wrong = sorted(name for name in sent if kept[name] != sent[name])
            raise CopyDiffers(f"rows differ after copying: {', '.join(wrong)}", tables=" ".join(wrong))
        finish(into)
        return sent

    return target.write(copy)


def end_tickets(txn: Txn) -> None:
    """For a copy into the embedded database: rows that still waited for their sequence get it."""
    unfinished = select(feed_row.c.scope).where(feed_row.c.sequence < 0).distinct()
    for scope in txn.execute(unfinished).scalars().all():
        head = txn.execute(select(scope_head.c.sequence).where(scope_head.c.scope == scope)).scalar() or 0
        waiting = select(feed_row.c.sequence).where(feed_row.c.scope == scope, feed_row.c.sequence < 0)
        for ticket in txn.execute(waiting.order_by(feed_row.c.sequence.desc())).scalars().all():
            head += 1
            txn.execute(
                update(feed_row)
                .where(feed_row.c.scope == scope, feed_row.c.sequence == ticket)
                .values(sequence=head)
            )
        txn.insert_many(scope_head, [(scope, head)], on_conflict="replace")
    newest = txn.execute(select(func.max(scope_head.c.sequence))).scalar() or 0
    txn.execute(update(feed_head).values(sequence=newest))


def _parted(parter: Parter, out: Txn, into: Txn, table: Table) -> Batches:
    """What the copy holds of a table in clear; what it holds sealed is written meanwhile."""
    if table.name in parter.left_out:
        return
    place, columns = parter.where(table.name), [column.name for column in table.columns]
    for rows in rows_of(out, table):
        if place is None:
            yield rows
            continue
        at = None if place[0] is None else columns.index(place[0])
        plain = [row for row in rows if at is not None and row[at] not in place[1]]
        others = [row for row in rows if at is None or row[at] in place[1]]
        kept, sealed = parter.part(table.name, columns, others, lambda ids: member_seal.of_members(out, ids))
        into.insert_many(sealed_row, sealed)
        yield [*plain, *(tuple(row) for row in kept)]


def _copied(into: Txn, table: Table, batches: Batches) -> Batches:
    for rows in batches:
        try:
            into.insert_many(table, rows)
        except into.engine.row_faults as error:
            raise CannotCopy(f"{table.name}: {error}", table=table.name) from error
        yield rows


def _digest(batches: Iterator[list[tuple[Any, ...]]]) -> tuple[int, str]:
    count = total = 0
    for rows in batches:
        count += len(rows)
        for row in rows:
            total += int.from_bytes(hashlib.blake2b(msgspec.msgpack.encode(row), digest_size=8).digest())
    return count, f"{total % (1 << 64):016x}"
