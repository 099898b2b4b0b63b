"""Changes of policies, waiting and decided."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

from sqlalchemy import select

from sync_server.store.engine import Txn
from sync_server.store.schema.policy_change import policy_change


@dataclass(frozen=True, slots=True)
class PolicyChangeRow:
    """One change; see the table."""

    change_id: str
    policy_key: str
    value: str
    before: str
    state: str
    why: str
    created_by: str
    created_login: str
    created_at_ms: int
    decided_by: str | None = None
    decided_login: str | None = None
    decided_why: str | None = None
    decided_at_ms: int | None = None


def put(txn: Txn, row: PolicyChangeRow) -> None:
    """Adds or changes one."""
    txn.insert_many(policy_change, [dataclasses.astuple(row)], on_conflict="replace")


def get(txn: Txn, change_id: str) -> PolicyChangeRow | None:
    """One change."""
    row = txn.execute(select(policy_change).where(policy_change.c.change_id == change_id)).one_or_none()
    return None if row is None else PolicyChangeRow(*row)


def of_key(txn: Txn, policy_key: str, limit: int) -> list[PolicyChangeRow]:
    """Of one policy, the newest first."""
    statement = select(policy_change).where(policy_change.c.policy_key == policy_key)
    return [
        PolicyChangeRow(*row)
        for row in txn.execute(statement.order_by(policy_change.c.change_id.desc()).limit(limit))
    ]


def waiting(txn: Txn) -> list[PolicyChangeRow]:
    """Those that wait for a second person, the oldest first."""
    statement = select(policy_change).where(policy_change.c.state == "waiting")
    return [PolicyChangeRow(*row) for row in txn.execute(statement.order_by(policy_change.c.change_id))]
