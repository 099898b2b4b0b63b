"""The timer of stores' files: built for whoever waits or is expected, let go when their time is over."""

from __future__ import annotations

from collections.abc import Callable

import structlog

from pos_core.clock import Clock
from sync_server.jobs.schedule import Builder
from sync_server.jobs.timers import Timers
from sync_server.services.job_log import JobLog
from sync_server.services.store_files import StoreFiles

LOOK_EVERY_S = 3
"""A workstation may be waiting; two look-ups in small tables."""
AFTER_FAILURE_MS = 10 * 60_000
_log = structlog.get_logger("sync_server.jobs")


class StoreFileJobs:
    """`builder` runs the command `snapshot`, a process for each build; `leading`: is it ours to do."""

    def __init__(
        self,
        store_files: StoreFiles,
        clock: Clock,
        builder: Builder,
        leading: Callable[[], bool] = lambda: True,
        log: JobLog | None = None,
    ) -> None:
        self._store_files = store_files
        self._clock = clock
        self._builder = builder
        self._leading = leading
        self._failed_at_ms: dict[str, int] = {}
        self._timers = Timers(log)

    def start(self) -> None:
        """Begins; what a process left that was killed is let go right away."""
        self._timers.every(LOOK_EVERY_S, self.keep_store_files, at_once=True)
        self._timers.start()

    def stop(self) -> None:
        """Ends; a build under way is given up, whoever waits asks again."""
        self._builder.stop()
        self._timers.stop()

    def keep_store_files(self) -> None:
        """Lets go of what must go, then builds one file where one is wanted."""
        if not self._leading():
            return
        trimmed = self._store_files.trim()
        if trimmed.dropped:
            _log.info("store_files_dropped", count=trimmed.dropped)
        now = self._clock.now_ms()
        for store_id in self._store_files.due():
            if now - self._failed_at_ms.get(store_id, -AFTER_FAILURE_MS) < AFTER_FAILURE_MS:
                continue
            status = self._builder.run("--store", store_id)
            self._failed_at_ms.pop(store_id, None)
            if status != 0:
                self._failed_at_ms[store_id] = now
            _log.info("store_file_built" if status == 0 else "store_file_not_built", store=store_id)
            return  # the next look is soon, and somebody else may have asked meanwhile
