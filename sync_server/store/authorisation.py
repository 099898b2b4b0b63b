"""Amounts of single accounts that were let go, and those that still count."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple, dataclass

from sqlalchemy import ColumnElement, select, update

from sync_server.store.engine import Txn
from sync_server.store.schema.authorisation import authorisation

table = authorisation.c

OPEN, ENDED, SILENT = 0, 1, 2
"""Counts against the account; was used or given back; its workstation has not been heard of for too long."""


@dataclass(frozen=True, slots=True)
class AuthorisationRow:
    """See the table."""

    allowance_id: str
    what: str
    account: str
    amount: int
    workstation_id: str
    store_id: str
    granted_at_ms: int
    counts_until_ms: int
    state: int = OPEN


def put(txn: Txn, row: AuthorisationRow) -> None:
    """A new one."""
    txn.insert_many(authorisation, [astuple(row)])


def get(txn: Txn, allowance_id: str) -> AuthorisationRow | None:
    """By the allowance that it is."""
    row = txn.execute(select(authorisation).where(table.allowance_id == allowance_id)).first()
    return None if row is None else AuthorisationRow(*row)


def open_of(txn: Txn, what: str, accounts: Sequence[str]) -> list[AuthorisationRow]:
    """Those of some accounts that were not seen to have ended."""
    wanted = table.account.in_(accounts), table.what == what, table.state == OPEN
    return _rows(txn, *wanted)


def of_workstation(txn: Txn, workstation_id: str) -> list[AuthorisationRow]:
    """Those of one workstation that were not seen to have ended."""
    return _rows(txn, table.workstation_id == workstation_id, table.state != ENDED)


def overdue(txn: Txn, now_ms: int, limit: int) -> list[AuthorisationRow]:
    """Those that should have ended long ago and were not looked at, the oldest first."""
    wanted = (table.state == OPEN, table.counts_until_ms < now_ms)
    statement = (
        select(authorisation).where(*wanted).order_by(table.counts_until_ms, table.allowance_id).limit(limit)
    )
    return [AuthorisationRow(*row) for row in txn.execute(statement)]


def silent(txn: Txn) -> list[AuthorisationRow]:
    """Those whose workstations were silent for too long."""
    return _rows(txn, table.state == SILENT)


def set_state(txn: Txn, allowance_ids: Sequence[str], state: int) -> None:
    """One of OPEN, ENDED, SILENT."""
    if allowance_ids:
        wanted = table.allowance_id.in_(allowance_ids)
        txn.execute(update(authorisation).where(wanted).values(state=state))


def _rows(txn: Txn, *wanted: ColumnElement[bool]) -> list[AuthorisationRow]:
    statement = select(authorisation).where(*wanted).order_by(table.allowance_id)
    return [AuthorisationRow(*row) for row in txn.execute(statement)]
