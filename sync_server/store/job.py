"""Runs of the timers' jobs, a bounded number of each; since when one fails is among them."""

from __future__ import annotations

from dataclasses import astuple, dataclass
from itertools import takewhile

from sqlalchemy import delete, select

from sync_server.store.engine import Txn
from sync_server.store.schema.job import job_run, job_state

RUNS_KEPT = 20
GONE_MS = 90 * 86_400_000
"""A job that no program has run for so long is forgotten."""


@dataclass(frozen=True, slots=True)
class JobStateRow:
    """A job's last run; see the table."""

    name: str
    every_s: int
    started_at_ms: int
    took_ms: int
    next_at_ms: int
    trouble: str
    runs: int
    failures: int


@dataclass(frozen=True, slots=True)
class JobRunRow:
    """One run that is over."""

    name: str
    started_at_ms: int
    took_ms: int
    trouble: str


def states(txn: Txn) -> dict[str, JobStateRow]:
    """By name."""
    return {row[0]: JobStateRow(*row) for row in txn.execute(select(job_state).order_by(job_state.c.name))}


def runs(txn: Txn, name: str) -> list[JobRunRow]:
    """The newest first."""
    where = job_run.c.name == name
    statement = select(job_run).where(where).order_by(job_run.c.started_at_ms.desc())
    return [JobRunRow(*row) for row in txn.execute(statement)]


def note(txn: Txn, row: JobStateRow, *, more_runs: int, more_failures: int) -> None:
    """The last run of a job; counts are added to those that are kept."""
    before = txn.execute(
        select(job_state.c.runs, job_state.c.failures).where(job_state.c.name == row.name)
    ).one_or_none()
    runs_so_far, failures = (0, 0) if before is None else (before[0], before[1])
    counts = (runs_so_far + more_runs, failures + more_failures)
    txn.insert_many(job_state, [(*astuple(row)[:-2], *counts)], on_conflict="replace")
    run = (row.name, row.started_at_ms, row.took_ms, row.trouble)
    txn.insert_many(job_run, [run], on_conflict="replace")
    _bound(txn, row)


def _bound(txn: Txn, row: JobStateRow) -> None:
    table, kept = job_run.c, runs(txn, row.name)
    over = [run.started_at_ms for run in kept[RUNS_KEPT:]]
    failing = list(takewhile(lambda run: run.trouble, kept))
    if len(failing) > RUNS_KEPT:  # the first of them tells since when, and stays in place of another
        over = [run.started_at_ms for run in kept[RUNS_KEPT - 1 :] if run is not failing[-1]]
    if over:
        txn.execute(delete(job_run).where(table.name == row.name, table.started_at_ms.in_(over)))
    gone = row.started_at_ms - GONE_MS
    txn.execute(delete(job_state).where(job_state.c.started_at_ms < gone))
    txn.execute(delete(job_run).where(table.started_at_ms < gone))
