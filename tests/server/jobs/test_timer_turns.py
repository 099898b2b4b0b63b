"""A job that one of several processes does waits for its turn instead of leaving its run out."""

from __future__ import annotations

import threading

import pytest
from apscheduler.schedulers.base import STATE_STOPPED

from sync_server.jobs import timers
from sync_server.jobs.timers import Timers
from sync_server.services.job_log import JobLog

PATIENCE_S = 30.0


@pytest.fixture(autouse=True)
def _asks_again_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timers, "ASK_AGAIN_S", 0.01)


def test_a_process_that_leads_only_later_runs_then_and_not_an_interval_later() -> None:
    log, ran = JobLog(), threading.Event()
    answers = iter([False, False, False])
    jobs = Timers(log)
    jobs.every(900, ran.set, at_once=True, turn=lambda: next(answers, True))
    jobs.start()
    try:
        assert ran.wait(PATIENCE_S), "the first run was left out"
    finally:
        jobs.stop()
    assert [run.runs for run in log.every()] == [1], "a refused turn is no run"


def test_who_never_leads_never_runs() -> None:
    log, asked, ran = JobLog(), threading.Semaphore(0), threading.Event()

    def no() -> bool:
        asked.release()
        return False

    jobs = Timers(log)
    jobs.every(900, ran.set, at_once=True, turn=no)
    jobs.start()
    try:
        for _ in range(3):
            assert asked.acquire(timeout=PATIENCE_S), "it no longer asks"
    finally:
        jobs.stop()
    assert not ran.is_set()
    assert [run.runs for run in log.every()] == [0]


def test_a_stop_while_a_turn_is_being_refused_does_not_hang() -> None:
    asked, answer, ran = threading.Event(), threading.Event(), threading.Event()

    def no() -> bool:
        asked.set()
        assert answer.wait(PATIENCE_S)
        return False

    jobs = Timers()
    jobs.every(900, ran.set, at_once=True, turn=no)
    jobs.start()
    assert asked.wait(PATIENCE_S)
    stopping = threading.Thread(target=jobs.stop, daemon=True)
    stopping.start()
    while jobs._scheduler.state != STATE_STOPPED:  # it now waits for the run under way
        threading.Event().wait(0.001)
    answer.set()
    stopping.join(PATIENCE_S)
    assert not stopping.is_alive() and not ran.is_set()
