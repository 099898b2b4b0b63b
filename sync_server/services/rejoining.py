"""The other half of `parting`: a restored database gets back what its backup held sealed.

Works on the file as the backup has it, before any migration: rows go back under the schema that they were
taken from. What no seal opens stays out: its member is an id with sums from then on.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlcipher3.dbapi2 as dbapi

from pos_core.canonical import canonical_bytes
from sync_server.services.parting import open_row
from sync_server.store.sqlite import open_pragmas

COLUMNS = "sealed_columns"
"""In a backup's `chain_state`: table → its columns in the order of the sealed values."""
_BATCH = 2000
_NO_SEALS = "SELECT of_table, first_member, second_member, box, NULL, NULL FROM sealed_row"
_SEALED = (
    "SELECT s.of_table, s.first_member, s.second_member, s.box, a.key, b.key FROM sealed_row s "
    "LEFT JOIN seals.seal a ON a.member_id = s.first_member "
    "LEFT JOIN seals.seal b ON b.member_id = s.second_member"
)


@dataclass(frozen=True, slots=True)
class Rejoined:
    """`opened`: rows put back. `unreadable`: members of whom a row stayed sealed.

    `alone`: members who had a row in common, and have it no more.
    """

    opened: int
    unreadable: frozenset[str]
    alone: frozenset[str]


def rejoin(database: Path, key: bytes, keys_file: Path | None) -> Rejoined:
    """Puts back what the seals in `keys_file` open, in one transaction. Raises StoreTrouble."""
    with closing(dbapi.connect(str(database), isolation_level=None)) as connection:
        open_pragmas(connection, key)
        if keys_file is not None:
            text = f"\"x'{key.hex()}'\""
            connection.execute(f"ATTACH DATABASE ? AS seals KEY {text}", (str(keys_file),))
        connection.execute("BEGIN IMMEDIATE")
        opened, closed, alone = _put_back(connection, _NO_SEALS if keys_file is None else _SEALED)
        _claims_anew(connection)
        if keys_file is not None:
            connection.execute(
                "INSERT INTO member_seal SELECT member_id, key FROM seals.seal "
                "WHERE member_id NOT IN (SELECT member_id FROM erasure)"
            )
        connection.execute("DELETE FROM sealed_row")
        connection.execute("DELETE FROM chain_state WHERE name = ?", (COLUMNS,))
        connection.execute("COMMIT")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    return Rejoined(opened, frozenset(closed), frozenset(alone))


def _put_back(connection: Any, query: str) -> tuple[int, set[str], set[str]]:
    """Rows put back; members who stayed closed; members of rows about two that did."""
    stored = connection.execute("SELECT value FROM chain_state WHERE name = ?", (COLUMNS,)).fetchone()
    columns: dict[str, list[str]] = {} if stored is None else json.loads(stored[0])
    opened, closed, alone = 0, set[str](), set[str]()
    found = connection.execute(query)
    while rows := found.fetchmany(_BATCH):
        by_table: dict[str, list[Sequence[Any]]] = defaultdict(list)
        for table, first, second, box, *seals in rows:
            about = dict(zip((first, second) if second else (first,), seals, strict=False))
            row = None if None in about.values() else open_row(table, bytes(box), list(about.values()))
            if row is not None:
                by_table[table].append(row)
                opened += 1
                continue
            lacking = {who for who, seal in about.items() if seal is None}
            closed |= lacking or {first}
            alone |= set(about) if second else set()
        for table, values in by_table.items():
            names = columns[table]
            connection.executemany(
                f'INSERT OR REPLACE INTO "{table}" ({", ".join(names)}) '  # noqa: S608 - our own schema's names
                f"VALUES ({', '.join('?' * len(names))})",
                values,
            )
    return opened, closed, alone


def _claims_anew(connection: Any) -> None:
    """Who ever claimed which number follows from the profiles; a backup holds it there alone, sealed."""
    claims: dict[str, set[str]] = defaultdict(set)
    profiles = connection.execute("SELECT key, state FROM fold_state WHERE fold = 'member_profile'")
    for member_id, text in profiles:
        for _, index, _ in json.loads(text)["phones"]:
            if index is not None:
                claims[index].add(member_id)
    connection.executemany(
        "INSERT OR REPLACE INTO fold_state (key, fold, state) VALUES (?, 'phone_claims', ?)",
        [(index, canonical_bytes({"members": sorted(of)}).decode()) for index, of in sorted(claims.items())],
    )
