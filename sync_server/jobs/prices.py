"""The timers of the price check, on a thread of their own: solving again must not hold up other jobs."""

from __future__ import annotations

from collections.abc import Callable

import structlog
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

from sync_server.services.price_check import PriceChecks

CHECK_EVERY_S = 10
SOLVE_EVERY_S = 30
SOLVED_AT_ONCE = 100
_log = structlog.get_logger("sync_server.jobs")


class PriceJobs:
    """Checks new sales, solves waiting ones again. `leading`: is this process the one to do it."""

    def __init__(self, checks: PriceChecks, leading: Callable[[], bool] = lambda: True) -> None:
        self._checks = checks
        self._leading = leading
        self._scheduler = BackgroundScheduler(
            executors={"default": ThreadPoolExecutor(1)}, timezone="UTC", job_defaults={"coalesce": True}
        )

    def start(self) -> None:
        """Begins."""
        self._every(CHECK_EVERY_S, self.check)
        self._every(SOLVE_EVERY_S, self.solve)
        self._scheduler.start()

    def stop(self) -> None:
        """Ends after the work under way."""
        self._scheduler.shutdown(wait=True)

    def check(self) -> None:
        """Looks at what was received since the last time."""
        if self._leading():
            self._checks.check_new()

    def solve(self) -> None:
        """Solves some of what waits."""
        if self._leading():
            self._checks.solve_open(SOLVED_AT_ONCE)

    def _every(self, seconds: int, job: Callable[[], None]) -> None:
        def run() -> None:
            try:
                job()
            except Exception:
                _log.exception("job_failed", job=job.__name__)

        self._scheduler.add_job(run, "interval", seconds=seconds, misfire_grace_time=None)
