"""Validity never goes back with the clock, jumps are seen once, and a wrong future heals."""

from __future__ import annotations

import pytest

from pos_client.journal.journal import Journal
from pos_client.journal.time_guard import JUMP_MS, TimeGuard
from pos_core.sync.envelope import check_body
from tests.client.journal.helpers import START_MS, FakeClock

DAY_MS = 24 * 3600 * 1000


def test_time_that_really_passes_is_no_jump() -> None:
    clock = FakeClock()
    guard = TimeGuard(clock, newest_document_ms=0)
    clock.pass_ms(30 * DAY_MS)
    assert guard.observe() is None


@pytest.mark.parametrize(
    "jump_ms,seen,manager",
    [
        (JUMP_MS - 5000, False, False),
        (JUMP_MS + 5000, True, False),
        (-JUMP_MS - 5000, True, False),
        (-365 * DAY_MS, True, True),
        (30 * DAY_MS, True, True),
    ],
)
def test_a_jump_is_seen_once(jump_ms: int, seen: bool, manager: bool) -> None:
    clock = FakeClock()
    guard = TimeGuard(clock, newest_document_ms=0)
    clock.wall_ms += jump_ms
    jump = guard.observe()
    assert (jump is not None) == seen
    if jump is not None:
        assert abs(jump.jump_ms - jump_ms) < 100 and jump.needs_manager == manager
        check_body("clock_jumped", jump.as_draft("2026-11-22", operator_id=None, shift_id=None).body)
    assert guard.observe() is None


def test_a_clock_before_the_newest_document_is_seen_at_start() -> None:
    clock = FakeClock()
    guard = TimeGuard(clock, newest_document_ms=START_MS + 2 * DAY_MS)
    jump = guard.observe()
    assert jump is not None and jump.seen == "start" and jump.needs_manager


def test_validity_never_goes_below_document_server_and_release() -> None:
    clock = FakeClock()
    guard = TimeGuard(clock, newest_document_ms=0)
    guard.recorded(START_MS + 5000)
    assert guard.instant_ms() == START_MS + 5000
    guard.heard(START_MS + 60_000)
    clock.wall_ms -= 365 * DAY_MS
    assert guard.instant_ms() >= START_MS + 60_000
    assert guard.instant_ms(release_issued_at_ms=START_MS + DAY_MS) == START_MS + DAY_MS


def test_the_servers_time_goes_on_by_the_monotonic_clock() -> None:
    clock = FakeClock()
    guard = TimeGuard(clock, newest_document_ms=0)
    guard.heard(START_MS + DAY_MS)
    clock.pass_ms(1000)
    assert START_MS + DAY_MS + 1000 <= guard.instant_ms() <= START_MS + DAY_MS + 1100


def test_documents_from_the_future_stop_counting_when_the_server_is_heard() -> None:
    clock = FakeClock()
    guard = TimeGuard(clock, newest_document_ms=START_MS + 30 * DAY_MS)
    assert guard.instant_ms() == START_MS + 30 * DAY_MS
    guard.heard(START_MS)
    assert guard.instant_ms() < START_MS + 1000


def test_a_manager_may_confirm_the_clock() -> None:
    clock = FakeClock()
    guard = TimeGuard(clock, newest_document_ms=START_MS + 30 * DAY_MS)
    guard.confirm()
    assert guard.instant_ms() < START_MS + 1000


def test_what_was_heard_and_confirmed_survives_a_restart(journal: Journal) -> None:
    clock = FakeClock()
    future_ms = START_MS + 30 * DAY_MS
    guard = TimeGuard(clock, newest_document_ms=future_ms)
    guard.heard(START_MS)
    journal.change(guard.keep_if_changed).result()
    again = journal.read(lambda c: TimeGuard.load(clock, c, newest_document_ms=future_ms))
    assert again.observe() is None and again.instant_ms() < START_MS + 5000
    clock.wall_ms -= 365 * DAY_MS
    again = journal.read(lambda c: TimeGuard.load(clock, c, newest_document_ms=future_ms))
    assert again.instant_ms() >= START_MS
