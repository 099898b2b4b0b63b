"""What every test shares: how property tests draw their examples.

Ordinary runs draw the same examples each time, so that a red run can be run again, and have no
deadline, for shared machines are slow at random. `TIDEMARK_HYPOTHESIS=campaign` draws new ones and
prints how to replay what fails.
"""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

_SLOW = [HealthCheck.too_slow]
settings.register_profile("ordinary", derandomize=True, deadline=None, suppress_health_check=_SLOW)
settings.register_profile("campaign", deadline=None, print_blob=True, suppress_health_check=_SLOW)
settings.load_profile(os.environ.get("TIDEMARK_HYPOTHESIS", "ordinary"))
