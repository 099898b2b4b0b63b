"""What every test shares: how property tests draw their examples, and what stays on one worker.

Ordinary runs draw the same examples each time, so that a red run can be run again, and have no
deadline, for shared machines are slow at random. `TIDEMARK_HYPOTHESIS=campaign` draws new ones and
prints how to replay what fails.
"""

from __future__ import annotations

import gc
import os
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

_SLOW = [HealthCheck.too_slow]
settings.register_profile("ordinary", derandomize=True, deadline=None, suppress_health_check=_SLOW)
settings.register_profile("campaign", deadline=None, print_blob=True, suppress_health_check=_SLOW)
settings.load_profile(os.environ.get("TIDEMARK_HYPOTHESIS", "ordinary"))

gc.set_threshold(20_000, 50, 100)
"""A worker's heap is large and lives as long as the run: looking through it each time costs a tenth of it."""

TOGETHER = (
    "tests/installers/",
    "tests/sync/test_demo_chain_sells.py",
    "tests/sync/test_real_data_slice.py",
)
"""Tests that share something built once in minutes: all of one on one worker.

The marker `xdist_group` would say so, but it adds to names that pytest 9.2 no longer lets it change.
"""


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Test by test, but for those of TOGETHER."""
    from xdist.scheduler import LoadScopeScheduling

    class Scheduler(LoadScopeScheduling):  # type: ignore[misc]
        def _split_scope(self, nodeid: str) -> str:
            return next((group for group in TOGETHER if nodeid.startswith(group)), nodeid)

    return Scheduler(config, log)
