"""The timers of what goes down to stores by the quarter of an hour: the stock around each, and its days.

On a thread of their own: a first run takes a while.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import asdict

import structlog

from sync_server.jobs.timers import Timers
from sync_server.services.job_log import JobLog
from sync_server.services.nearby_stock import NearbyStock
from sync_server.services.store_days import StoreDays

REFRESH_EVERY_S = 15 * 60
DAYS_EVERY_S = 5 * 60
_log = structlog.get_logger("sync_server.jobs")


class StockJobs:
    """`leading`: is this process the one to do it."""

    def __init__(
        self,
        nearby: NearbyStock,
        leading: Callable[[], bool] = lambda: True,
        log: JobLog | None = None,
        *,
        days: StoreDays | None = None,
    ) -> None:
        self._nearby = nearby
        self._days = days
        self._leading = leading
        self._timers = Timers(log)
        self._stopping = threading.Event()

    def start(self) -> None:
        """Begins, and runs as soon as this process leads: what stores hold was worked out before it."""
        self._timers.every(REFRESH_EVERY_S, self.refresh_nearby_stock, at_once=True, turn=self._leading)
        if self._days is not None:
            self._timers.every(DAYS_EVERY_S, self.refresh_store_days, at_once=True, turn=self._leading)
        self._timers.start()

    def stop(self) -> None:
        """Ends after the part under way; the next process begins the run anew."""
        self._stopping.set()
        self._timers.stop()

    def refresh_nearby_stock(self) -> None:
        """Packs what moved."""
        if self._leading():
            done = self._nearby.refresh(lambda: not self._stopping.is_set())
            _log.info("nearby_stock", **asdict(done))

    def refresh_store_days(self) -> None:
        """Works out the days of which something came."""
        if self._leading() and self._days is not None:
            done = self._days.refresh(lambda: not self._stopping.is_set())
            _log.info("store_days", **asdict(done))
