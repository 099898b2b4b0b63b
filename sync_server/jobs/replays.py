"""The timer that works through replays, on a thread of its own: a long one must not hold up other jobs."""

from __future__ import annotations

import threading
from collections.abc import Callable

from sync_server.jobs.timers import Timers
from sync_server.services.console.replays import Replays
from sync_server.services.job_log import JobLog

REPLAY_EVERY_S = 3
BATCHES_AT_ONCE = 10


class ReplayJobs:
    """`leading`: is this process the one to do it."""

    def __init__(
        self, replays: Replays, leading: Callable[[], bool] = lambda: True, log: JobLog | None = None
    ) -> None:
        self._replays = replays
        self._leading = leading
        self._timers = Timers(log)
        self._stopping = threading.Event()

    def start(self) -> None:
        """Begins."""
        self._timers.every(REPLAY_EVERY_S, self.replay)
        self._timers.start()

    def stop(self) -> None:
        """Ends after the baskets under way; the next start goes on behind them."""
        self._stopping.set()
        self._timers.stop()

    def replay(self) -> None:
        """Until nothing is left to do."""
        while not self._stopping.is_set() and self._leading():
            if not self._replays.run_some(BATCHES_AT_ONCE):
                return
