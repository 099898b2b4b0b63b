"""What head office knows of the shelf labels that this store's workstations printed and hung."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from pos_client.storage.connection import Connection

_STATE = "SELECT state FROM shelf_label WHERE sku = ?"


def states(connection: Connection, skus: Iterable[str]) -> dict[str, dict[str, Any]]:
    """SKU → the fold's state, of those that have one."""
    found = {}
    for sku in skus:
        row = connection.execute(_STATE, (sku,)).fetchone()
        if row is not None:
            found[sku] = json.loads(row[0])
    return found
