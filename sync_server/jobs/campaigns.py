"""The timers of coupon campaigns, on a thread of their own: an issue to a million members takes a while."""

from __future__ import annotations

import threading
from collections.abc import Callable

from sync_server.jobs.timers import Timers
from sync_server.services.campaigns.runs import CampaignRuns
from sync_server.services.job_log import JobLog

TRIGGERS_EVERY_S = 10 * 60
ISSUE_EVERY_S = 5
PAGES_AT_ONCE = 4


class CampaignJobs:
    """`leading`: is this process the one to do it."""

    def __init__(
        self, runs: CampaignRuns, leading: Callable[[], bool] = lambda: True, log: JobLog | None = None
    ) -> None:
        self._runs = runs
        self._leading = leading
        self._timers = Timers(log)
        self._stopping = threading.Event()

    def start(self) -> None:
        """Begins."""
        self._timers.every(TRIGGERS_EVERY_S, self.campaign_triggers)
        self._timers.every(ISSUE_EVERY_S, self.campaign_issues)
        self._timers.start()

    def stop(self) -> None:
        """Ends after the page under way; the next start goes on behind it."""
        self._stopping.set()
        self._timers.stop()

    def campaign_triggers(self) -> None:
        """Begins what is due: birthdays, newcomers, who stayed away, unpaid baskets."""
        if self._leading():
            self._runs.start_due()

    def campaign_issues(self) -> None:
        """Until nothing is left to issue."""
        while not self._stopping.is_set() and self._leading():
            if not self._runs.run_some(PAGES_AT_ONCE):
                return
