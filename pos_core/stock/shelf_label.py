"""Which label hangs on a shelf, as far as the store's workstations know.

A label is printed, hung, or taken for hung by mistake, each for a price. A mark is about that price alone:
once the item costs something else its label is due again. The newest word by hybrid clock stands, of printing
and of hanging apart, so that who prints late does not take down what another has hung.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, get_args

from pos_core.clock import parse_hybrid_time

LabelStep = Literal["printed", "hung", "unhung"]
LABEL_STEPS: tuple[LabelStep, ...] = get_args(LabelStep)
DAY_MS = 24 * 3_600_000
KEPT_MS = 7 * DAY_MS
"""Labels are seen to within a week before they are due; an older mark is of another time with that price."""


def marks_of(state: Mapping[str, Any] | None, price_minor: int, due_ms: int) -> tuple[bool, bool] | None:
    """Printed and hung, of the label with a price that became due at a moment; None: nobody said anything.

    `state` is the fold `shelf_label`'s.
    """
    if state is None:
        return None
    printed, hung = state["printed"], state["hung"]
    return (
        printed is not None and _counts(printed, price_minor, due_ms),
        hung is not None and _counts(hung, price_minor, due_ms) and hung[2],
    )


def _counts(register: Any, price_minor: int, due_ms: int) -> bool:
    at_ms = parse_hybrid_time(register[0][0]).physical_ms
    return bool(register[1] == price_minor and at_ms >= due_ms - KEPT_MS)
