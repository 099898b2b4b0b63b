"""The timer of the stock around each store, on a thread of its own: a first run takes a while."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import asdict

import structlog

from sync_server.jobs.timers import Timers
from sync_server.services.job_log import JobLog
from sync_server.services.nearby_stock import NearbyStock

REFRESH_EVERY_S = 15 * 60
_log = structlog.get_logger("sync_server.jobs")


class StockJobs:
    """`leading`: is this process the one to do it."""

    def __init__(
        self, nearby: NearbyStock, leading: Callable[[], bool] = lambda: True, log: JobLog | None = None
    ) -> None:
        self._nearby = nearby
        self._leading = leading
        self._timers = Timers(log)
        self._stopping = threading.Event()

    def start(self) -> None:
        """Begins, and runs as soon as this process leads: what stores hold was worked out before it."""
        self._timers.every(REFRESH_EVERY_S, self.refresh_nearby_stock, at_once=True, turn=self._leading)
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
