"""Returns by other workstations, and the public keys that receipts of the chain are checked with."""

from __future__ import annotations

import json
from dataclasses import dataclass

from pos_client.storage.connection import Connection
from pos_core.sale.receipt_return import Known, Place

_OF_RECEIPT = (
    "SELECT by_workstation_id, by_incarnation, by_number, data FROM receipt_return"
    " WHERE workstation_id = ? AND incarnation = ? AND number = ?"
)
_BY_OTHERS = (
    "SELECT incarnation, number, by_workstation_id, by_incarnation, by_number, data FROM receipt_return"
    " WHERE workstation_id = ?1 AND by_workstation_id <> ?1"
)
_KEY = (
    "SELECT workstation_id, store_id, name, public_key, state FROM workstation_key WHERE workstation_id = ?"
)

_OF_STORE = (
    "SELECT workstation_id, store_id, name, public_key, state FROM workstation_key"
    " WHERE store_id = ? AND state = 'active' ORDER BY name, workstation_id"
)


@dataclass(frozen=True, slots=True)
class KnownWorkstation:
    """A workstation of the chain. `public_key`: base64 Ed25519; `state`: active or revoked."""

    workstation_id: str
    store_id: str
    name: str
    public_key: str
    state: str


def returns_of(connection: Connection, place: Place) -> list[Known]:
    """What head office knows of a receipt's returns."""
    rows = connection.execute(_OF_RECEIPT, place).fetchall()
    return [((row[0], row[1], row[2]), json.loads(row[3])) for row in rows]


def by_others(connection: Connection, workstation_id: str) -> dict[tuple[int, int], list[Known]]:
    """Returns of a workstation's sales that were made at others, by the sale's incarnation and number."""
    found: dict[tuple[int, int], list[Known]] = {}
    for row in connection.execute(_BY_OTHERS, (workstation_id,)):
        found.setdefault((row[0], row[1]), []).append(((row[2], row[3], row[4]), json.loads(row[5])))
    return found


def of_store(connection: Connection, store_id: str) -> list[KnownWorkstation]:
    """Those of a store that are not revoked, by name."""
    rows = connection.execute(_OF_STORE, (store_id,)).fetchall()
    return [KnownWorkstation(*row) for row in rows]


def workstation(connection: Connection, workstation_id: str) -> KnownWorkstation | None:
    """None: nobody here has heard of it."""
    row = connection.execute(_KEY, (workstation_id,)).fetchone()
    return None if row is None else KnownWorkstation(*row)
