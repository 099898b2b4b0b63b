"""The nightly look at the chain's stock, in a process of its own: no solver in the server."""

from __future__ import annotations

from collections.abc import Callable

import structlog

from pos_core.clock import Clock
from sync_server.jobs.schedule import Builder
from sync_server.jobs.timers import Timers
from sync_server.services.job_log import JobLog
from sync_server.store import balancing, feed
from sync_server.store.engine import Store, Txn

LOOK_EVERY_S = 15 * 60
AGAIN_MS = 20 * 3_600_000
SETTLED_MS = 20 * 60_000
"""So long after the last store's forecast the night's forecasts are over."""
_log = structlog.get_logger("sync_server.jobs")


class BalancingJobs:
    """`builder` runs the command `balance`. `leading`: is this process the one to do it."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        builder: Builder,
        leading: Callable[[], bool] = lambda: True,
        log: JobLog | None = None,
    ) -> None:
        self._store = store
        self._clock = clock
        self._builder = builder
        self._leading = leading
        self._timers = Timers(log)

    def start(self) -> None:
        """Begins; whether a run is due is looked at every quarter of an hour."""
        self._timers.every(LOOK_EVERY_S, self.balance_if_due)
        self._timers.start()

    def stop(self) -> None:
        """Ends; a run under way is given up and begun again."""
        self._builder.stop()
        self._timers.stop()

    def balance_if_due(self) -> None:
        """After each night's forecast, or a day after the last time."""
        if self._leading() and self._store.read(self._due):
            _log.info("balance", status=self._builder.run())

    def _due(self, txn: Txn) -> bool:
        last = balancing.worked_out_at_ms(txn)
        if last is None or self._clock.now_ms() - last > AGAIN_MS:
            return True
        runs = [
            run[1]
            for row in feed.rows_of(txn, "store", "chain")
            if (run := feed.row_by_key(txn, "replenishment_run", f"store:{row[0]}", [row[0]])) is not None
        ]
        newest = max(runs, default=0)
        return newest > last and self._clock.now_ms() - newest > SETTLED_MS
