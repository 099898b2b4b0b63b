"""The timer of staged roll-outs and of what the console keeps for a while."""

from __future__ import annotations

from collections.abc import Callable

from sync_server.jobs.timers import Timers
from sync_server.services.console.sessions import Sessions
from sync_server.services.console.users import Users
from sync_server.services.job_log import JobLog
from sync_server.services.rollouts import Rollouts

ROLLOUT_EVERY_S = 30
PURGE_EVERY_S = 3600


class RolloutJobs:
    """Waves and guards; ended sessions. `leading`: is this process the one to do it."""

    def __init__(
        self,
        rollouts: Rollouts,
        sessions: Sessions,
        users: Users,
        leading: Callable[[], bool] = lambda: True,
        log: JobLog | None = None,
    ) -> None:
        self._rollouts = rollouts
        self._sessions = sessions
        self._users = users
        self._leading = leading
        self._timers = Timers(log)

    def start(self) -> None:
        """Begins."""
        self._timers.every(ROLLOUT_EVERY_S, self.roll_out)
        self._timers.every(PURGE_EVERY_S, self.purge)
        self._timers.start()

    def stop(self) -> None:
        """Ends after the work under way."""
        self._timers.stop()

    def roll_out(self) -> None:
        """Looks at the guards and widens what is due."""
        if self._leading():
            self._rollouts.run_due()

    def purge(self) -> None:
        """Forgets sessions and attempts that have run out."""
        if self._leading():
            self._sessions.purge()
            self._users.purge()
