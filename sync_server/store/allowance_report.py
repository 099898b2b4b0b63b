"""Which workstations have brought everything since the present epoch began."""

from __future__ import annotations

from sqlalchemy import select

from sync_server.store.engine import Txn
from sync_server.store.schema.allowance import allowance_report
from sync_server.store.schema.tables import workstation


def put(txn: Txn, workstation_id: str, epoch: str, now_ms: int) -> None:
    """This workstation's journal is complete here, in this epoch."""
    txn.insert_many(allowance_report, [(workstation_id, epoch, now_ms)], on_conflict="replace")


def epoch_of(txn: Txn, workstation_id: str) -> str | None:
    """The newest epoch in which a workstation reported."""
    statement = select(allowance_report.c.epoch).where(allowance_report.c.workstation_id == workstation_id)
    return txn.execute(statement).scalar_one_or_none()


def waiting(txn: Txn, epoch: str, *, enrolled_before_ms: int) -> frozenset[str]:
    """Active workstations, enrolled before, that have not reported in `epoch`."""
    here = select(allowance_report.c.workstation_id).where(allowance_report.c.epoch == epoch)
    statement = select(workstation.c.workstation_id).where(
        workstation.c.state == "active",
        workstation.c.enrolled_at_ms < enrolled_before_ms,
        workstation.c.workstation_id.not_in(here),
    )
    return frozenset(txn.execute(statement).scalars())
