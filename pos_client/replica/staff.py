"""The store's employees, and what head office knows of their sign-on."""

from __future__ import annotations

import json
from typing import Any

from pos_client.storage.connection import Connection
from pos_core.catalog.store import Employee

_EMPLOYEES = (
    "SELECT employee_id, operator_number, name, role, pin_verifier, active FROM employee"
    " ORDER BY active DESC, length(operator_number), operator_number"
)


def employees(connection: Connection) -> list[Employee]:
    """Everybody of this store by number; who has left comes last."""
    return [Employee.from_row(row) for row in connection.execute(_EMPLOYEES)]


def credential_state(connection: Connection, employee_id: str) -> dict[str, Any] | None:
    """The state of the fold `credential`; None: nothing was ever said."""
    row = connection.execute("SELECT state FROM credential WHERE employee_id = ?", (employee_id,)).fetchone()
    return None if row is None else json.loads(row[0])


def credential_states(connection: Connection) -> dict[str, dict[str, Any]]:
    """Employee → state."""
    return {
        row[0]: json.loads(row[1]) for row in connection.execute("SELECT employee_id, state FROM credential")
    }
