"""Which documents of this store's workstations the replica's shared state already holds."""

from __future__ import annotations

from pos_client.storage.connection import Connection

_POINTS = "SELECT incarnation, number FROM series_point WHERE workstation_id = ?"


def all_folded(connection: Connection) -> dict[tuple[str, int], int]:
    """`(workstation, incarnation)` → number, of every series of this store."""
    rows = connection.execute("SELECT workstation_id, incarnation, number FROM series_point").fetchall()
    return {(row[0], int(row[1])): int(row[2]) for row in rows}


def folded_up_to(connection: Connection, workstation_id: str) -> dict[int, int]:
    """Incarnation → number. Read it in the same `read` as the state rows it belongs to."""
    rows = connection.execute(_POINTS, (workstation_id,)).fetchall()
    return {int(incarnation): int(number) for incarnation, number in rows}
