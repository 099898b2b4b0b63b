"""When each job ran last, how it ended, and when it runs next; the last runs outlive the process.

Some jobs run every few seconds: a run is written at once where it ended otherwise than the last one that was
written, else a minute after that, so that notes are no load and one trouble does not push the rest out. What
is not written yet goes with the process.
"""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Callable
from dataclasses import dataclass

import structlog

from pos_core.errors import Trouble
from sync_server.store import job
from sync_server.store.engine import Store
from sync_server.store.job import JobRunRow, JobStateRow

NOTED_EVERY_MS = 60_000
_log = structlog.get_logger("sync_server.jobs")


@dataclass(frozen=True, slots=True)
class JobRun:
    """One job. `trouble` "" when the last run ended well; times are None before the first."""

    name: str
    every_s: int
    started_at_ms: int | None = None
    took_ms: int | None = None
    next_at_ms: int | None = None
    trouble: str = ""
    runs: int = 0
    failures: int = 0


class JobLog:
    """Written by the timers, read by the console.

    Without a store it is gone with the process; of several processes on one database those that do not
    lead (`leading`) write nothing there.
    """

    def __init__(self, store: Store | None = None, leading: Callable[[], bool] = lambda: True) -> None:
        self._lock = threading.Lock()
        self._runs: dict[str, JobRun] = {}
        """`runs` and `failures` are those that are not written yet."""
        self._written: dict[str, JobRun] = {}
        self._store = store
        self._leading = leading

    def note(self, run: JobRun) -> None:
        """The newest of a job; `runs` 0: it is planned and did not run."""
        with self._lock:
            before = self._runs.get(run.name)
            runs, failures = (before.runs, before.failures) if before else (0, 0)
            failed = run.runs if run.trouble else 0
            run = dataclasses.replace(run, runs=runs + run.runs, failures=failures + failed)
            self._runs[run.name] = run
            due = run.runs > 0 and self._is_due(run)
        if due and self._store is not None and self._leading():
            self._write(self._store, run)

    def every(self) -> list[JobRun]:
        """By name: what this process planned, with the runs of those before it, and what others run."""
        kept = {} if self._store is None else self._store.read(job.states)
        with self._lock:
            here = dict(self._runs)
        found = {name: _planned(row) for name, row in kept.items()} | {
            name: _together(run, kept.get(name)) for name, run in here.items()
        }
        return [found[name] for name in sorted(found)]

    def last_runs(self, name: str) -> list[JobRunRow]:
        """Those that are kept of a job, the newest first."""
        return [] if self._store is None else self._store.read(lambda txn: job.runs(txn, name))

    def _is_due(self, run: JobRun) -> bool:
        written = self._written.get(run.name)
        if written is None or run.trouble != written.trouble:
            return True
        return (run.started_at_ms or 0) - (written.started_at_ms or 0) >= NOTED_EVERY_MS

    def _write(self, store: Store, run: JobRun) -> None:
        row = JobStateRow(
            run.name, run.every_s, run.started_at_ms or 0, run.took_ms or 0, run.next_at_ms or 0,
            run.trouble, 0, 0,
        )  # fmt: skip
        try:
            store.write_beside(lambda txn: job.note(txn, row, more_runs=run.runs, more_failures=run.failures))
        except Trouble:
            _log.exception("job_not_noted", job=run.name)
            return
        with self._lock:
            now = self._runs[run.name]
            left, failed = now.runs - run.runs, now.failures - run.failures
            self._runs[run.name] = dataclasses.replace(now, runs=left, failures=failed)
            self._written[run.name] = run


def _planned(row: JobStateRow) -> JobRun:
    return JobRun(**dataclasses.asdict(row))


def _together(run: JobRun, row: JobStateRow | None) -> JobRun:
    if row is None:
        return run
    run = dataclasses.replace(run, runs=row.runs + run.runs, failures=row.failures + run.failures)
    if run.started_at_ms is not None:
        return run
    return dataclasses.replace(run, started_at_ms=row.started_at_ms, took_ms=row.took_ms, trouble=row.trouble)
