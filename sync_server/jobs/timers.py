"""Timers on one thread of their own (APScheduler), each run noted; a job that fails runs again next time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import structlog
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

from pos_core.clock import Clock
from sync_server.services.clock import SystemClock
from sync_server.services.job_log import JobLog, JobRun

ASK_AGAIN_S = 2.0
"""How soon a job that waits for its turn asks again."""
_log = structlog.get_logger("sync_server.jobs")


class Timers:
    """Jobs of one group never overlap."""

    def __init__(self, log: JobLog | None = None, clock: Clock | None = None) -> None:
        self._jobs = log or JobLog()
        self._clock = clock or SystemClock()
        self._scheduler = BackgroundScheduler(
            executors={"default": ThreadPoolExecutor(1)}, timezone="UTC", job_defaults={"coalesce": True}
        )

    def every(
        self,
        seconds: int,
        job: Callable[[], None],
        *,
        at_once: bool = False,
        turn: Callable[[], bool] = lambda: True,
    ) -> None:
        """Runs `job` every so many seconds; `at_once` also right away.

        Where `turn` says no the run is not skipped but waits: of several processes one is the leader, and
        which one is known only some time after each has begun.
        """
        name = job.__name__
        first = self._clock.now_ms() + (0 if at_once else seconds * 1000)
        self._jobs.note(JobRun(name, seconds, next_at_ms=first))

        def run() -> None:
            if not turn():
                again = datetime.now(UTC) + timedelta(seconds=ASK_AGAIN_S)
                self._scheduler.modify_job(planned.id, next_run_time=again)
                return
            started, trouble = self._clock.now_ms(), ""
            try:
                job()
            except Exception as error:
                trouble = type(error).__name__
                _log.exception("job_failed", job=name)
            took = self._clock.now_ms() - started
            self._jobs.note(JobRun(name, seconds, started, took, started + seconds * 1000, trouble, runs=1))

        begun = {"next_run_time": datetime.now(UTC)} if at_once else {}
        planned = self._scheduler.add_job(run, "interval", seconds=seconds, misfire_grace_time=None, **begun)

    def start(self) -> None:
        """Begins."""
        self._scheduler.start()

    def stop(self) -> None:
        """Ends after the job under way."""
        self._scheduler.shutdown(wait=True)
