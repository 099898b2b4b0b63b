"""The timers of releases (waves, guards, their dates) and of what the console keeps for a while."""

from __future__ import annotations

from collections.abc import Callable

import structlog

from sync_server.jobs.timers import Timers
from sync_server.services.confirmations import Confirmations
from sync_server.services.console.sessions import Sessions
from sync_server.services.console.users import Users
from sync_server.services.job_log import JobLog
from sync_server.services.rollouts import Rollouts

ROLLOUT_EVERY_S = 30
CONFIRM_EVERY_S = 3600
PURGE_EVERY_S = 3600
_log = structlog.get_logger("sync_server.jobs")


class RolloutJobs:
    """Waves, guards, dates; ended sessions. `leading`: is this process the one to do it."""

    def __init__(
        self,
        rollouts: Rollouts,
        confirmations: Confirmations,
        sessions: Sessions,
        users: Users,
        *,
        leading: Callable[[], bool] = lambda: True,
        log: JobLog | None = None,
    ) -> None:
        self._rollouts = rollouts
        self._confirmations = confirmations
        self._sessions = sessions
        self._users = users
        self._leading = leading
        self._timers = Timers(log)

    def start(self) -> None:
        """Begins."""
        self._timers.every(ROLLOUT_EVERY_S, self.roll_out)
        self._timers.every(CONFIRM_EVERY_S, self.confirm_release, at_once=True, turn=self._leading)
        self._timers.every(PURGE_EVERY_S, self.purge)
        self._timers.start()

    def stop(self) -> None:
        """Ends after the work under way."""
        self._timers.stop()

    def roll_out(self) -> None:
        """Looks at the guards and widens what is due."""
        if self._leading():
            self._rollouts.run_due()

    def confirm_release(self) -> None:
        """Gives the newest release a new date well before its own is over; at once after a long rest."""
        if self._leading():
            made = self._confirmations.run_due()
            if made is not None:
                _log.info("release_confirmed", version=made.version, confirms=made.confirms)

    def purge(self) -> None:
        """Forgets sessions and attempts that have run out."""
        if self._leading():
            self._sessions.purge()
            self._users.purge()
