"""The history of what people did about rulings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple, dataclass

from sqlalchemy import select

from sync_server.store.engine import Txn
from sync_server.store.schema.exception import exception_act

CLOSING = ("accept", "charge")
_AT_ONCE = 400


@dataclass(frozen=True, slots=True)
class ActRow:
    """One act; see the table."""

    act_id: str
    ruling_id: str
    action: str
    charged_to: str
    why: str
    login: str
    at_ms: int


def add(txn: Txn, row: ActRow) -> None:
    """Adds one; none is ever changed."""
    txn.insert_many(exception_act, [astuple(row)])


def history(txn: Txn, ruling_id: str) -> list[ActRow]:
    """The newest first."""
    statement = select(exception_act).where(exception_act.c.ruling_id == ruling_id)
    return [ActRow(*row) for row in txn.execute(statement.order_by(exception_act.c.act_id.desc()))]


def closed(txn: Txn, ruling_ids: Sequence[str]) -> set[str]:
    """Those of them that somebody accepted or charged."""
    found: set[str] = set()
    for start in range(0, len(ruling_ids), _AT_ONCE):
        statement = select(exception_act.c.ruling_id).where(
            exception_act.c.ruling_id.in_(ruling_ids[start : start + _AT_ONCE]),
            exception_act.c.action.in_(CLOSING),
        )
        found |= {row[0] for row in txn.execute(statement)}
    return found
