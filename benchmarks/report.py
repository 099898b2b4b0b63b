"""Figures with their spread, in one form for every benchmark."""

from __future__ import annotations

import statistics
from collections.abc import Sequence


def spread(values: Sequence[float], *, unit: str = "s", digits: int = 3) -> str:
    """Median and, in brackets, the smallest and the largest."""
    return (
        f"{statistics.median(values):.{digits}f} {unit} ({min(values):.{digits}f}–{max(values):.{digits}f})"
    )


def percentiles(values_ms: Sequence[float]) -> str:
    """p50, p99 and the largest, in milliseconds."""
    ordered = sorted(values_ms)
    return (
        f"p50 {ordered[len(ordered) // 2]:.2f} ms, p99 {ordered[int(len(ordered) * 0.99)]:.2f} ms,"
        f" max {ordered[-1]:.2f} ms"
    )


def ratios(product: Sequence[float], bare: Sequence[float], goal: float) -> str:
    """Product over bare, round by round."""
    each = [one / other for one, other in zip(product, bare, strict=True)]
    verdict = "within" if statistics.median(each) <= goal else "ABOVE"
    return (
        f"{statistics.median(each):.2f} × ({min(each):.2f}–{max(each):.2f}), {verdict} the goal of {goal:g} ×"
    )
