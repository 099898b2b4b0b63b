"""How hard the property tests try. `PRICING_EFFORT=20` runs twenty times as many examples as a build."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

EFFORT = int(os.environ.get("PRICING_EFFORT", "1"))


def campaign(examples: int) -> settings:
    """Always the same examples; no deadline, for the machine may be busy."""
    return settings(
        max_examples=examples * EFFORT,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
