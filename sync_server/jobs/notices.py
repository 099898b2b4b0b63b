"""The timers of notices: the outbox is emptied, sendings fill it, and what the clock brings about."""

from __future__ import annotations

import threading
from collections.abc import Callable

from sync_server.jobs.timers import Timers
from sync_server.services.job_log import JobLog
from sync_server.services.notices.delivery import Delivery
from sync_server.services.notices.sendings import Sendings
from sync_server.services.notices.sweep import Sweep

DELIVER_EVERY_S = 5
SEND_EVERY_S = 5
SWEEP_EVERY_S = 60 * 60
PAGES_AT_ONCE = 4


class NoticeJobs:
    """`leading`: is this process the one to do it. Two threads: a slow receiver holds up no sweep."""

    def __init__(
        self,
        delivery: Delivery,
        sendings: Sendings,
        sweep: Sweep,
        leading: Callable[[], bool] = lambda: True,
        log: JobLog | None = None,
    ) -> None:
        self._delivery = delivery
        self._sendings = sendings
        self._sweep = sweep
        self._leading = leading
        self._out = Timers(log)
        self._in = Timers(log)
        self._stopping = threading.Event()

    def start(self) -> None:
        """Begins."""
        self._out.every(DELIVER_EVERY_S, self.notices_out)
        self._in.every(SEND_EVERY_S, self.notice_sendings)
        self._in.every(SWEEP_EVERY_S, self.notice_sweep)
        self._out.start()
        self._in.start()

    def stop(self) -> None:
        """Ends after the batch under way; the next start goes on with what waits."""
        self._stopping.set()
        self._in.stop()
        self._out.stop()

    def notices_out(self) -> None:
        """Until nothing is due."""
        while not self._stopping.is_set() and self._leading():
            if not self._delivery.run_some():
                return

    def notice_sendings(self) -> None:
        """Until every approved sending is in the outbox."""
        while not self._stopping.is_set() and self._leading():
            if not self._sendings.run_some(PAGES_AT_ONCE):
                return

    def notice_sweep(self) -> None:
        """Coupons that end soon; what is old is forgotten."""
        if self._leading():
            self._sweep.coupons_ending()
            self._sweep.forget()
            self._sweep.clear_files(self._delivery.settings())
