"""Digests of what is stored, to compare with the server's: equal for equal rows, whatever their history."""

from __future__ import annotations

import json
from typing import Any

from pos_client.replica.apply import row_digest
from pos_client.storage.connection import Connection
from pos_core.sync.reference import KINDS, Kind

_MASK = (1 << 64) - 1


def digests(connection: Connection, scope: str, *, recompute: bool = False) -> dict[str, tuple[int, str]]:
    """Per kind of the scope `(count, sum of row hashes mod 2**64 as hex)`, as `ScopeDigest.kinds`.

    Sums the stored row hashes (14 ms for 100,000 rows); `recompute` hashes the stored columns anew and
    so finds a row that was changed behind our back. Kinds without rows are left out.
    """
    scope_type = scope.partition(":")[0]
    found: dict[str, tuple[int, str]] = {}
    for kind in KINDS.values():
        if kind.scope == scope_type:
            count, total = _recomputed(connection, kind) if recompute else _stored(connection, kind)
            if count:
                found[kind.name] = (count, f"{total & _MASK:016x}")
    return found


def _stored(connection: Connection, kind: Kind) -> tuple[int, int]:
    """In halves, because sum() refuses to overflow."""
    count, high, low = connection.execute(
        f"SELECT count(*), sum((row_hash >> 32) & 4294967295), sum(row_hash & 4294967295) FROM {kind.name}"  # noqa: S608 - a name of KINDS
    ).fetchone()
    return count, ((high or 0) << 32) + (low or 0)


def _recomputed(connection: Connection, kind: Kind) -> tuple[int, int]:
    columns = ", ".join((*kind.column_names, "extra"))
    count = total = 0
    for *row, extra in connection.execute(f"SELECT {columns} FROM {kind.name}"):  # noqa: S608
        count += 1
        more: list[Any] = list(json.loads(extra).values()) if extra else []
        total += row_digest(kind.name, [*row, *more])
    return count, total
