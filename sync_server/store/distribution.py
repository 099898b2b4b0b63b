"""Where each table lives on Citus, PostgreSQL spread over machines (docs/scaling.md).

Sales lie by workstation: a push touches one workstation's rows, so one shard group. The feed lies by scope,
members by member. What every request reads and few write stands whole on every machine.
"""

from __future__ import annotations

import psycopg

from pos_core.errors import Refusal
from sync_server.store.schema import metadata

_SPREAD = {
    "feed_row": "scope",
    "scope_head": "scope",
    "feed_mark": "scope",
    "feed_horizon": "scope",
    "member": "member_id",
    "member_key": "member_id",
    "audit": "audit_id",
}
_FIRST = {"workstation_id": "workstation", "scope": "scope_head", "member_id": "member"}
"""Distribution column → the table that the others of its group are colocated with."""


def distribution() -> dict[str, str | None]:
    """Table → its distribution column, which every unique key of it holds; None: whole on every machine.

    A table whose primary key names the workstation lies with that workstation's sales.
    """
    found: dict[str, str | None] = {}
    for table in metadata.sorted_tables:
        by_workstation = "workstation_id" in table.primary_key.columns
        found[table.name] = "workstation_id" if by_workstation else _SPREAD.get(table.name)
    return found


class CitusMissing(Refusal):
    """The database does not have the Citus extension."""

    code = "citus_missing"


def distribute(url: str) -> list[str]:
    """Marks every table; again is fine. Returns the statements it ran. Raises CitusMissing."""
    done: list[str] = []
    with psycopg.connect(url, autocommit=True) as connection:
        if connection.execute("SELECT 1 FROM pg_extension WHERE extname = 'citus'").fetchone() is None:
            raise CitusMissing("the extension is not there: CREATE EXTENSION citus, then again")
        marked = {row[0] for row in connection.execute("SELECT logicalrelid::text FROM pg_dist_partition")}
        for statement in statements(marked):
            connection.execute(statement)
            done.append(statement)
    return done


def statements(marked: set[str]) -> list[str]:
    """What is still to be said, tables that others are colocated with first."""
    places = distribution()
    found = [
        f"SELECT create_reference_table('{name}')"
        for name, column in places.items()
        if column is None and name not in marked
    ]
    spread = {name: column for name, column in places.items() if column is not None}
    for name in sorted(spread, key=lambda name: (name not in _FIRST.values(), name)):
        first = _FIRST.get(spread[name], name)
        with_ = "none" if first == name else first
        if name not in marked:
            found.append(
                f"SELECT create_distributed_table('{name}', '{spread[name]}', colocate_with => '{with_}')"
            )
    return found
