"""The timers of the price check, on a thread of their own: solving again must not hold up other jobs."""

from __future__ import annotations

from collections.abc import Callable

from sync_server.jobs.timers import Timers
from sync_server.services.job_log import JobLog
from sync_server.services.price_check import PriceChecks

CHECK_EVERY_S = 10
SOLVE_EVERY_S = 30
SOLVED_AT_ONCE = 100


class PriceJobs:
    """Checks new sales, solves waiting ones again. `leading`: is this process the one to do it."""

    def __init__(
        self, checks: PriceChecks, leading: Callable[[], bool] = lambda: True, log: JobLog | None = None
    ) -> None:
        self._checks = checks
        self._leading = leading
        self._timers = Timers(log)

    def start(self) -> None:
        """Begins."""
        self._timers.every(CHECK_EVERY_S, self.check)
        self._timers.every(SOLVE_EVERY_S, self.solve)
        self._timers.start()

    def stop(self) -> None:
        """Ends after the work under way."""
        self._timers.stop()

    def check(self) -> None:
        """Looks at what was received since the last time."""
        if self._leading():
            self._checks.check_new()

    def solve(self) -> None:
        """Solves some of what waits."""
        if self._leading():
            self._checks.solve_open(SOLVED_AT_ONCE)
