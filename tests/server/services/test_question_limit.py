"""Who asks too often waits; who was quiet is forgotten."""

from __future__ import annotations

import pytest

from sync_server.services.errors import TooManyAttempts
from sync_server.services.question_limit import QuestionLimit
from tests.server.support.office import HandClock


def test_each_has_its_own_minute_and_nobody_is_kept_longer() -> None:
    clock = HandClock()
    limit = QuestionLimit(clock, 2)
    for number in range(1000):
        limit.count(f"m{number}")
    limit.count("m0")
    with pytest.raises(TooManyAttempts) as caught:
        limit.count("m0")
    assert caught.value.facts["retry_after_ms"] == 60_000
    clock.advance(30_000)
    limit.count("m1")
    clock.advance(30_000)
    limit.count("m0")
    assert len(limit) == 2, "m1, who asked half a minute ago, and m0"
    clock.advance(60_000)
    limit.count("m2")
    assert len(limit) == 1
