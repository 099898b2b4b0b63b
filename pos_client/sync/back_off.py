"""How long to wait before the next try: longer after each failure, never the same for all workstations."""

from __future__ import annotations

BASE_MS = 2_000
CEILING_MS = 5 * 60_000


def delay_ms(failures: int, dice: float) -> int:
    """Wait after `failures` in a row; `dice` in [0, 1) spreads it over the upper half of the step.

    After HQ comes back a thousand workstations do not come back in the same second. The ceiling is low:
    a workstation whose network is mended is in touch within five minutes.
    """
    if failures <= 0:
        return 0
    step = min(CEILING_MS, BASE_MS << min(failures - 1, 16))
    return step // 2 + int(step / 2 * dice)
