"""The timers of a serving head office (APScheduler, one worker thread: jobs never overlap)."""

from __future__ import annotations

import os
import subprocess
import threading

import structlog

from pos_core.clock import Clock
from pos_core.sync.protocol import CLOCK_WINDOW_MS
from sync_server.jobs.timers import Timers
from sync_server.services.compaction import Compaction
from sync_server.services.job_log import JobLog
from sync_server.services.snapshot import Snapshots
from sync_server.services.workstations import Workstations
from sync_server.store import enrolment_code, nonce
from sync_server.store.engine import Store

SNAPSHOT_EVERY_S = 60
CONTACTS_EVERY_S = 15
CODES_EVERY_S = 3600
COMPACT_EVERY_S = 24 * 60 * 60
NONCES_EVERY_S = 60
FORGET_EVERY_S = 60
CODES_KEPT_MS = 30 * 24 * 3600 * 1000
_log = structlog.get_logger("sync_server.jobs")


class Builder:
    """Builds a snapshot in a process of its own, so that its work delays no request and its memory goes."""

    def __init__(self, command: list[str], *, database_url: str | None = None) -> None:
        self._command = command
        self._environment = dict(os.environ)
        self._environment.pop("TIDEMARK_DATABASE_URL", None)
        if database_url:  # by the environment: a URL with a password is not for the list of processes
            self._environment["TIDEMARK_DATABASE_URL"] = database_url
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._stopped = False

    def run(self, *arguments: str) -> int:
        """Waits for the build; its exit status, or −1 when the server is stopping."""
        with self._lock:
            if self._stopped:
                return -1
            self._process = subprocess.Popen(  # noqa: S603 - our own program
                [*self._command, *arguments],
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
        return self._process.wait()

    def stop(self) -> None:
        """Ends a build under way and lets no other begin."""
        with self._lock:
            self._stopped = True
            if self._process is not None and self._process.poll() is None:
                self._process.terminate()


class Schedule:
    """Starts and stops the jobs."""

    def __init__(
        self,
        *,
        store: Store,
        snapshots: Snapshots,
        workstations: Workstations,
        compaction: Compaction,
        clock: Clock,
        builder: Builder,
        log: JobLog | None = None,
    ) -> None:
        self._store = store
        self._snapshots = snapshots
        self._builder = builder
        self._workstations = workstations
        self._compaction = compaction
        self._clock = clock
        self._timers = Timers(log)

    def start(self) -> None:
        """Begins; the snapshot is looked at once right away."""
        self._timers.every(SNAPSHOT_EVERY_S, self.rebuild_snapshot, at_once=True)
        self._timers.every(CONTACTS_EVERY_S, self._workstations.flush_contacts)
        self._timers.every(CODES_EVERY_S, self.purge_codes)
        self._timers.every(COMPACT_EVERY_S, self.compact)
        self._timers.every(FORGET_EVERY_S, self.forget_the_rest)
        if self._store.engine.shared:
            self._timers.every(NONCES_EVERY_S, self.purge_nonces)
        self._timers.start()

    def stop(self) -> None:
        """Ends after the job under way; a snapshot under way is given up, it is built again."""
        self._builder.stop()
        self._timers.stop()

    def rebuild_snapshot(self) -> None:
        """Builds a snapshot when the one there is too far behind."""
        if self._store.engine.leading and self._snapshots.is_stale():
            status = self._builder.run()
            _log.info("snapshot_built" if status == 0 else "snapshot_not_built", status=status)

    def compact(self) -> None:
        """Lets old deletions and visitors go."""
        if self._store.engine.leading:
            done = self._compaction.run()
            _log.info("compacted", deletions=done.deletions, visitors=done.visitors)

    def purge_codes(self) -> None:
        """Forgets enrolment codes long expired; the audit rows stay."""
        before = self._clock.now_ms() - CODES_KEPT_MS
        self._store.write_beside(lambda txn: enrolment_code.purge(txn, before))

    def forget_the_rest(self) -> None:
        """An erasure beside a long read leaves its traces in the log until that has ended."""
        self._store.engine.forget_the_rest()

    def purge_nonces(self) -> None:
        """Forgets nonces older than any request that would still be taken."""
        before = self._clock.now_ms() - 2 * CLOCK_WINDOW_MS
        self._store.write_beside(lambda txn: nonce.purge(txn, before))
