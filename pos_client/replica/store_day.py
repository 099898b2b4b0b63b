"""A business day of the whole store as head office last said, and the store's workstations."""

from __future__ import annotations

import json

from pos_client.storage.connection import Connection
from pos_core.cash.store_day import StoreDay

_WORKSTATIONS = "SELECT workstation_id, name, state FROM workstation_key WHERE store_id = ? ORDER BY name"


def day_of(connection: Connection, business_day: str) -> StoreDay | None:
    """None: head office has said nothing of it."""
    row = connection.execute("SELECT data FROM store_day WHERE business_day = ?", (business_day,)).fetchone()
    return None if row is None else StoreDay.from_value(business_day, json.loads(row[0]))


def last_heard(connection: Connection) -> dict[str, int | None]:
    """Workstation → its last contact that head office has said."""
    row = connection.execute(
        "SELECT business_day, data FROM store_day ORDER BY business_day DESC LIMIT 1"
    ).fetchone()
    if row is None:
        return {}
    day = StoreDay.from_value(row[0], json.loads(row[1]))
    return {name: part.heard_at_ms for name, part in day.workstations.items()}


def in_days(connection: Connection) -> dict[tuple[str, int], int] | None:
    """`(workstation, incarnation)` → the last document that head office's figures of days may hold.

    Days are worked out together whenever documents of them have come, so what the furthest one covers is in
    the one where it belongs. None: head office has said no day.
    """
    rows = connection.execute("SELECT business_day, data FROM store_day").fetchall()
    found: dict[tuple[str, int], int] = {}
    for business_day, data in rows:
        for name, part in StoreDay.from_value(business_day, json.loads(data)).workstations.items():
            for incarnation, number in part.upto.items():
                series = (name, incarnation)
                found[series] = max(number, found.get(series, 0))
    return found if rows else None


def workstations_of(connection: Connection, store_id: str) -> list[tuple[str, str, bool]]:
    """`(workstation, name, active)` of a store, revoked ones too."""
    return [(row[0], row[1], row[2] == "active") for row in connection.execute(_WORKSTATIONS, (store_id,))]


def workstation_names(connection: Connection) -> dict[str, str]:
    """Of the whole chain."""
    return dict(connection.execute("SELECT workstation_id, name FROM workstation_key").fetchall())


def active_workstations(connection: Connection) -> int:
    """How many the chain has that are not revoked."""
    row = connection.execute("SELECT count(*) FROM workstation_key WHERE state = 'active'").fetchone()
    return int(row[0])
