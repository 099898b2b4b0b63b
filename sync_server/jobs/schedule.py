"""The timers of a serving head office (APScheduler, one worker thread: jobs never overlap)."""

from __future__ import annotations

from collections.abc import Callable

import structlog
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

from pos_core.clock import Clock
from sync_server.services.snapshot import Snapshots
from sync_server.services.workstations import Workstations
from sync_server.store import enrolment_code
from sync_server.store.engine import Store

SNAPSHOT_EVERY_S = 60
CONTACTS_EVERY_S = 15
CODES_EVERY_S = 3600
CODES_KEPT_MS = 30 * 24 * 3600 * 1000
_log = structlog.get_logger("sync_server.jobs")


class Schedule:
    """Starts and stops the jobs."""

    def __init__(
        self, *, store: Store, snapshots: Snapshots, workstations: Workstations, clock: Clock
    ) -> None:
        self._store = store
        self._snapshots = snapshots
        self._workstations = workstations
        self._clock = clock
        self._scheduler = BackgroundScheduler(
            executors={"default": ThreadPoolExecutor(1)}, timezone="UTC", job_defaults={"coalesce": True}
        )

    def start(self) -> None:
        """Begins; the snapshot is looked at once right away."""
        self._every(SNAPSHOT_EVERY_S, self.rebuild_snapshot, at_once=True)
        self._every(CONTACTS_EVERY_S, self._workstations.flush_contacts)
        self._every(CODES_EVERY_S, self.purge_codes)
        self._scheduler.start()

    def stop(self) -> None:
        """Ends after the job under way."""
        self._scheduler.shutdown(wait=True)

    def rebuild_snapshot(self) -> None:
        """Builds a snapshot when the one there is too far behind."""
        if self._snapshots.is_stale():
            row = self._snapshots.build()
            _log.info("snapshot_built", sequence=row.sequence, length=row.length)

    def purge_codes(self) -> None:
        """Forgets enrolment codes long expired; the audit rows stay."""
        before = self._clock.now_ms() - CODES_KEPT_MS
        self._store.write(lambda txn: enrolment_code.purge(txn, before))

    def _every(self, seconds: int, job: Callable[[], None], *, at_once: bool = False) -> None:
        def run() -> None:
            try:
                job()
            except Exception:
                _log.exception("job_failed", job=job.__name__)

        self._scheduler.add_job(run, "interval", seconds=seconds, misfire_grace_time=None)
        if at_once:
            self._scheduler.add_job(run)
