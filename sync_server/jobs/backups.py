"""The timer of backups' keys: a fresh keys' file at the newest backup, expired ones deleted."""

from __future__ import annotations

from collections.abc import Callable

import structlog

from sync_server.jobs.timers import Timers
from sync_server.services.backup_expiry import BackupExpiry
from sync_server.services.job_log import JobLog

EVERY_S = 24 * 3600
_log = structlog.get_logger("sync_server.jobs")


class BackupJobs:
    """`leading`: is this process the one to do it."""

    def __init__(
        self, expiry: BackupExpiry, leading: Callable[[], bool] = lambda: True, log: JobLog | None = None
    ) -> None:
        self._expiry = expiry
        self._leading = leading
        self._timers = Timers(log)

    def start(self) -> None:
        """Begins with a run: a head office that is started every morning is never up for a whole day."""
        self._timers.every(EVERY_S, self.renew_backup_keys, at_once=True, turn=self._leading)
        self._timers.start()

    def stop(self) -> None:
        """Ends after the run under way."""
        self._timers.stop()

    def renew_backup_keys(self) -> None:
        """Renews and deletes keys' files of backups."""
        done = self._expiry.run()
        if done.deleted:
            _log.info("backup_keys_expired", files=len(done.deleted))
