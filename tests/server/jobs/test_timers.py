"""A group of timers: what is to run at once does, and stopping in the middle of it is no trouble."""

from __future__ import annotations

import threading

import pytest

from sync_server.jobs.timers import Timers


def test_a_job_that_runs_at_once_is_let_finish_by_a_stop(caplog: pytest.LogCaptureFixture) -> None:
    begun, go_on, runs = threading.Event(), threading.Event(), []

    def job() -> None:
        begun.set()
        assert go_on.wait(60)
        runs.append(1)

    timers = Timers()
    timers.every(3600, job, at_once=True)
    timers.start()
    assert begun.wait(60)
    stopping = threading.Thread(target=timers.stop)
    stopping.start()
    go_on.set()
    stopping.join(60)
    assert runs == [1] and not stopping.is_alive()
    assert [each for each in caplog.records if each.levelname in ("ERROR", "CRITICAL")] == []
