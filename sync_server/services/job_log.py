"""When each job of this process ran last, how it ended, and when it runs next."""

from __future__ import annotations

import dataclasses
import threading
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class JobRun:
    """One job. `trouble` "" when the last run ended well; times are None before the first."""

    name: str
    every_s: int
    started_at_ms: int | None = None
    took_ms: int | None = None
    next_at_ms: int | None = None
    trouble: str = ""
    runs: int = 0


class JobLog:
    """Written by the timers, read by the console; gone with the process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._runs: dict[str, JobRun] = {}

    def note(self, run: JobRun) -> None:
        """The newest of a job."""
        with self._lock:
            before = self._runs.get(run.name)
            self._runs[run.name] = dataclasses.replace(run, runs=(before.runs if before else 0) + run.runs)

    def every(self) -> list[JobRun]:
        """By name."""
        with self._lock:
            return sorted(self._runs.values(), key=lambda run: run.name)
