"""The one thread that writes to a database: transactions one after another, each durable or not at all."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any, TypeVar

from sqlcipher3 import dbapi2 as sqlcipher

from pos_client.storage.connection import Connection
from pos_client.storage.errors import DiskTrouble, StorageTrouble, WriterStopped, sort_sqlite_error

T = TypeVar("T")
R = TypeVar("R")
CHECKPOINT_WHEN_IDLE = 64
"""After so many commits a checkpoint runs once nothing was asked for `IDLE_SECONDS`."""
IDLE_SECONDS = 0.2
CHECKPOINT_AT_LATEST = 1024
"""After so many commits a checkpoint runs even when somebody waits."""


@dataclass(slots=True)
class _Job:
    run: Callable[[Connection], Any]
    after_commit: Callable[[Any], Any] | None
    transaction: bool
    future: Future[Any]


class Writer:
    """Owns the writing connection of one file. `submit` may be called from any thread.

    When the disk fails while a commit is made durable, nobody knows what is on it: the writer stops,
    every later request fails with the same DiskTrouble, and the file must be opened anew (which checks
    it). A flush is never tried again on the same descriptor: the kernel may have dropped the pages.
    """

    def __init__(self, connection: Connection, path: Path, *, name: str, checkpoints: bool = True) -> None:
        self._connection = connection
        self._path = path
        self._checkpoints = checkpoints
        self._jobs: SimpleQueue[_Job | None] = SimpleQueue()
        self._stopped_by: StorageTrouble | None = None
        self._commits = 0
        self._closing = threading.Lock()
        self._closed = False
        self._thread = threading.Thread(target=self._work, name=name, daemon=True)
        self._thread.start()

    @property
    def stopped_by(self) -> StorageTrouble | None:
        """The trouble that ended writing; None while the writer works."""
        return self._stopped_by

    def submit(
        self, fn: Callable[[Connection], T], *, after_commit: Callable[[T], R] | None = None
    ) -> Future[Any]:
        """Runs `fn` in one BEGIN IMMEDIATE transaction on the writer's thread.

        The future holds what `fn` returned, once COMMIT has returned; with `after_commit` it holds what
        `after_commit(result)` returned, once that has run too. An exception out of `fn` rolls the
        transaction back and is the future's. An exception out of `after_commit` stops the writer: what it
        guards did not happen though the commit did. `fn` uses the connection only while it runs, and
        neither commits nor rolls back.
        """
        return self._put(_Job(fn, after_commit, True, Future()))

    def outside(self, fn: Callable[[Connection], T]) -> Future[T]:
        """Runs `fn` on the writer's thread with no transaction open: checkpoints, backups."""
        return self._put(_Job(fn, None, False, Future()))

    def close(self) -> None:
        """Ends what is queued, checkpoints, closes the connection. Later requests get WriterStopped."""
        with self._closing:
            if not self._closed:
                self._closed = True
                self._jobs.put(None)
        self._thread.join()

    def _put(self, job: _Job) -> Future[Any]:
        with self._closing:
            if self._closed:
                job.future.set_exception(WriterStopped("the file was closed", path=str(self._path)))
            else:
                self._jobs.put(job)
        return job.future

    def _work(self) -> None:
        while True:
            job = self._next_job()
            if job is None:
                break
            if self._stopped_by is not None:
                job.future.set_exception(self._stopped_by)
            elif job.transaction:
                self._run_transaction(job)
            else:
                self._run_outside(job)
        with contextlib.suppress(sqlcipher.Error):
            self._connection.close()

    def _next_job(self) -> _Job | None:
        if not self._checkpoints or self._commits < CHECKPOINT_WHEN_IDLE or self._stopped_by is not None:
            return self._jobs.get()
        if self._commits >= CHECKPOINT_AT_LATEST:
            self._checkpoint()
            return self._jobs.get()
        try:
            return self._jobs.get(timeout=IDLE_SECONDS)
        except Empty:
            self._checkpoint()
            return self._jobs.get()

    def _checkpoint(self) -> None:
        """PASSIVE waits for nobody. A failure leaves the log whole: it is tried again later."""
        self._commits = 0
        with contextlib.suppress(sqlcipher.Error):
            self._connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()

    def _run_transaction(self, job: _Job) -> None:
        connection = self._connection
        try:
            connection.execute("BEGIN IMMEDIATE")
            result = job.run(connection)
        except BaseException as error:
            self._fail(job, error, committing=False)
            return
        try:
            connection.execute("COMMIT")
        except BaseException as error:
            self._fail(job, error, committing=True)
            return
        self._commits += 1
        if job.after_commit is not None:
            try:
                result = job.after_commit(result)
            except BaseException as error:
                self._stopped_by = (
                    error
                    if isinstance(error, StorageTrouble)
                    else DiskTrouble(f"after a commit: {error}", path=str(self._path), outcome="uncertain")
                )
                job.future.set_exception(self._stopped_by)
                return
        job.future.set_result(result)

    def _run_outside(self, job: _Job) -> None:
        try:
            result = job.run(self._connection)
        except BaseException as error:
            self._fail(job, error, committing=False)
        else:
            job.future.set_result(result)

    def _fail(self, job: _Job, error: BaseException, *, committing: bool) -> None:
        try:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
        except sqlcipher.Error as second:
            # A transaction that cannot be taken back: what the connection thinks can no longer be trusted.
            self._stopped_by = _as_trouble(second, self._path)
        if isinstance(error, sqlcipher.Error):
            trouble = sort_sqlite_error(error, self._path, key_is_right=True)
            if trouble is not None:
                if isinstance(trouble, DiskTrouble):
                    if not committing:
                        trouble.facts["outcome"] = "not_recorded"
                    else:
                        self._stopped_by = trouble
                trouble.__cause__ = error
                job.future.set_exception(trouble)
                return
        job.future.set_exception(error)


def _as_trouble(error: sqlcipher.Error, path: Path) -> StorageTrouble:
    return sort_sqlite_error(error, path, key_is_right=True) or DiskTrouble(
        f"{path}: {error}", path=str(path), outcome="uncertain"
    )
