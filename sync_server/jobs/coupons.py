"""The timer of leased coupons: what is past its term leaves the stores' lists."""

from __future__ import annotations

from collections.abc import Callable

import structlog

from sync_server.jobs.timers import Timers
from sync_server.services.acts import Act
from sync_server.services.coupon_leases import CouponLeases
from sync_server.services.job_log import JobLog

EXPIRE_EVERY_S = 15 * 60
_log = structlog.get_logger("sync_server.jobs")


class CouponJobs:
    """`leading`: is this process the one to do it."""

    def __init__(
        self, leases: CouponLeases, leading: Callable[[], bool] = lambda: True, log: JobLog | None = None
    ) -> None:
        self._leases = leases
        self._leading = leading
        self._timers = Timers(log)

    def start(self) -> None:
        """Begins."""
        self._timers.every(EXPIRE_EVERY_S, self.end_coupon_leases)
        self._timers.start()

    def stop(self) -> None:
        """Ends after the run under way."""
        self._timers.stop()

    def end_coupon_leases(self) -> None:
        """Ends the leases whose term is over."""
        if self._leading():
            ended = self._leases.end_expired(Act("timer"))
            if ended:
                _log.info("coupon_leases_expired", count=ended)
