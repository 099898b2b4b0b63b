"""Notes and coins by currency, as data: what a blind count asks for. The largest first, in minor units.

A chain may publish its own in the policy `cash` (docs/cash.md). A currency that is not here is counted as one
amount.
"""

from __future__ import annotations

from collections.abc import Mapping

DENOMINATIONS_MINOR: Mapping[str, tuple[int, ...]] = {
    "CNY": (10_000, 5_000, 2_000, 1_000, 500, 100, 50, 10),
    "USD": (10_000, 5_000, 2_000, 1_000, 500, 100, 25, 10, 5, 1),
    "EUR": (20_000, 10_000, 5_000, 2_000, 1_000, 500, 200, 100, 50, 20, 10, 5, 2, 1),
    "GBP": (5_000, 2_000, 1_000, 500, 200, 100, 50, 20, 10, 5, 2, 1),
    "HKD": (100_000, 50_000, 10_000, 5_000, 2_000, 1_000, 500, 200, 100, 50, 20, 10),
    "TWD": (200_000, 100_000, 50_000, 20_000, 10_000, 5_000, 1_000, 500, 100),
    "JPY": (10_000, 5_000, 2_000, 1_000, 500, 100, 50, 10, 5, 1),
    "KRW": (50_000, 10_000, 5_000, 1_000, 500, 100, 50, 10),
    "SGD": (10_000, 5_000, 1_000, 500, 200, 100, 50, 20, 10, 5),
}


def denominations_of(currency: str) -> tuple[int, ...]:
    """The notes and coins of a currency; () where none are known."""
    return DENOMINATIONS_MINOR.get(currency, ())
