"""The timer of staged roll-outs and of what the console keeps for a while."""

from __future__ import annotations

from collections.abc import Callable

import structlog
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

from sync_server.services.console.sessions import Sessions
from sync_server.services.console.users import Users
from sync_server.services.rollouts import Rollouts

ROLLOUT_EVERY_S = 30
PURGE_EVERY_S = 3600
_log = structlog.get_logger("sync_server.jobs")


class RolloutJobs:
    """Waves and guards; ended sessions. `leading`: is this process the one to do it."""

    def __init__(
        self, rollouts: Rollouts, sessions: Sessions, users: Users, leading: Callable[[], bool] = lambda: True
    ) -> None:
        self._rollouts = rollouts
        self._sessions = sessions
        self._users = users
        self._leading = leading
        self._scheduler = BackgroundScheduler(
            executors={"default": ThreadPoolExecutor(1)}, timezone="UTC", job_defaults={"coalesce": True}
        )

    def start(self) -> None:
        """Begins."""
        self._every(ROLLOUT_EVERY_S, self.roll_out)
        self._every(PURGE_EVERY_S, self.purge)
        self._scheduler.start()

    def stop(self) -> None:
        """Ends after the work under way."""
        self._scheduler.shutdown(wait=True)

    def roll_out(self) -> None:
        """Looks at the guards and widens what is due."""
        if self._leading():
            self._rollouts.run_due()

    def purge(self) -> None:
        """Forgets sessions and attempts that have run out."""
        if self._leading():
            self._sessions.purge()
            self._users.purge()

    def _every(self, seconds: int, job: Callable[[], None]) -> None:
        def run() -> None:
            try:
                job()
            except Exception:
                _log.exception("job_failed", job=job.__name__)

        self._scheduler.add_job(run, "interval", seconds=seconds, misfire_grace_time=None)
