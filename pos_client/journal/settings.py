"""Small things a workstation must remember, as JSON by name; no secrets and no facts."""

from __future__ import annotations

import json
from typing import Any

from pos_client.journal.fold import STATE
from pos_client.storage.connection import Connection


def put_setting(connection: Connection, name: str, value: Any) -> None:
    """Keeps `value` (JSON) under `name`; inside the caller's transaction."""
    connection.execute(STATE["put_setting"], (name, json.dumps(value, ensure_ascii=False)))


def get_setting(connection: Connection, name: str, default: Any = None) -> Any:
    """The value under `name`, or `default`."""
    row = connection.execute(STATE["get_setting"], (name,)).fetchone()
    return default if row is None else json.loads(row[0])


def delete_setting(connection: Connection, name: str) -> None:
    """Forgets `name`; nothing happens when it is not there."""
    connection.execute(STATE["delete_setting"], (name,))
