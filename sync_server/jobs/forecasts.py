"""The nightly forecast, in a process of its own: numpy never loads in the server."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import structlog

from pos_core.clock import Clock
from pos_core.errors import InvalidInput
from pos_core.stock.replenishment_policy import DEFAULT_REPLENISHMENT_POLICY, parse_replenishment_policy
from sync_server.jobs.schedule import Builder
from sync_server.jobs.timers import Timers
from sync_server.services.importing.context import DEFAULT_ZONE
from sync_server.services.job_log import JobLog
from sync_server.store import feed
from sync_server.store.engine import Store, Txn

LOOK_EVERY_S = 10 * 60
_log = structlog.get_logger("sync_server.jobs")


class ForecastJobs:
    """`builder` runs the command `forecast`."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        builder: Builder,
        log: JobLog | None = None,
    ) -> None:
        self._store = store
        self._clock = clock
        self._builder = builder
        self._timers = Timers(log)

    def start(self) -> None:
        """Begins; whether tonight's run is due is looked at every ten minutes."""
        self._timers.every(LOOK_EVERY_S, self.forecast_if_due)
        self._timers.start()

    def stop(self) -> None:
        """Ends; a run under way is given up and begun again."""
        self._builder.stop()
        self._timers.stop()

    def forecast_if_due(self) -> None:
        """Runs once a night, after the hour that the policy names in the chain's time."""
        if self._store.engine.leading and self.is_due():
            _log.info("forecast", status=self._builder.run())

    def is_due(self) -> bool:
        """Whether any store's forecast is from before tonight's hour."""
        return self._store.read(self._due)

    def _due(self, txn: Txn) -> bool:
        try:
            policy = parse_replenishment_policy(feed.policy(txn, "replenishment"))
        except InvalidInput:
            policy = DEFAULT_REPLENISHMENT_POLICY
        zone = ZoneInfo(feed.policy(txn, "time_zone") or DEFAULT_ZONE)
        now = datetime.fromtimestamp(self._clock.now_ms() / 1000, zone)
        begin = now.replace(hour=policy.hour, minute=0, second=0, microsecond=0)
        if begin > now:
            begin -= timedelta(days=1)
        begin_ms = round(begin.timestamp() * 1000)
        for row in feed.rows_of(txn, "store", "chain"):
            run = feed.row_by_key(txn, "replenishment_run", f"store:{row[0]}", [row[0]])
            if run is None or run[1] < begin_ms:
                return True
        return False
