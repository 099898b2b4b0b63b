"""Timers on one thread of their own (APScheduler), each run noted; a job that fails runs again next time."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime

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
        turn: Callable[[], bool] | None = None,
    ) -> None:
        """Runs `job` every so many seconds; `at_once` also right away.

        Where `turn` says no the run is not skipped but waits: of several processes one is the leader, and
        which one is known only some time after each has begun.
        """
        name = job.__name__
        first = self._clock.now_ms() + (0 if at_once else seconds * 1000)
        self._jobs.note(JobRun(name, seconds, next_at_ms=first))

        def run() -> None:
            started, trouble = self._clock.now_ms(), ""
            try:
                job()
            except Exception as error:
                trouble = type(error).__name__
                _log.exception("job_failed", job=name)
            took = self._clock.now_ms() - started
            self._jobs.note(JobRun(name, seconds, started, took, started + seconds * 1000, trouble, runs=1))

        begun = {"next_run_time": datetime.now(UTC)} if at_once else {}
        pace, work = (seconds, run) if turn is None else (ASK_AGAIN_S, _in_turn(run, turn, seconds, at_once))
        self._scheduler.add_job(work, "interval", seconds=pace, misfire_grace_time=None, **begun)

    def start(self) -> None:
        """Begins."""
        self._scheduler.start()

    def stop(self) -> None:
        """Ends after the job under way."""
        self._scheduler.shutdown(wait=True)


def _in_turn(
    run: Callable[[], None], turn: Callable[[], bool], seconds: int, at_once: bool
) -> Callable[[], None]:
    """`run` where it is due and `turn` says yes. Asks the scheduler for nothing: `stop` holds its locks."""
    due_at = time.monotonic() + (0 if at_once else seconds)

    def look() -> None:
        nonlocal due_at
        if time.monotonic() >= due_at and turn():
            due_at = time.monotonic() + seconds
            run()

    return look
