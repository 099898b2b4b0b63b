"""The timer of the sums that dashboards read, on a thread of its own: the first run takes in all there is."""

from __future__ import annotations

import threading
from collections.abc import Callable

from sync_server.jobs.timers import Timers
from sync_server.services.job_log import JobLog
from sync_server.services.sales_sums import SalesSums

GATHER_EVERY_S = 30
PARTS_AT_ONCE = 20


class SalesJobs:
    """`leading`: is this process the one to do it."""

    def __init__(
        self, sums: SalesSums, leading: Callable[[], bool] = lambda: True, log: JobLog | None = None
    ) -> None:
        self._sums = sums
        self._leading = leading
        self._timers = Timers(log)
        self._stopping = threading.Event()

    def start(self) -> None:
        """Begins."""
        self._timers.every(GATHER_EVERY_S, self.gather_sales)
        self._timers.start()

    def stop(self) -> None:
        """Ends after the part under way; the next start goes on behind it."""
        self._stopping.set()
        self._timers.stop()

    def gather_sales(self) -> None:
        """Until every document is in."""
        while not self._stopping.is_set() and self._leading():
            if not self._sums.gather(PARTS_AT_ONCE):
                return
