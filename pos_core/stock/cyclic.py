"""Which items to count today: the dearest often, the rest seldom, and those that were wrong before sooner.

Classes as everywhere in retail: A are the items that make the first 80 % of the value sold, B the next 15 %,
C the rest. An item is due when its class's interval has passed since it was counted; an error in its last
count halves the interval.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

AbcClass = Literal["A", "B", "C"]
_SHARES_PPM: tuple[tuple[AbcClass, int], ...] = (("A", 800_000), ("B", 950_000))
INTERVAL_DAYS: Mapping[AbcClass, int] = MappingProxyType({"A": 7, "B": 30, "C": 90})
DAY_MS = 86_400_000
VALUE_DAYS = 90
"""Sales of so many days make the classes."""


@dataclass(frozen=True, slots=True)
class CyclicItem:
    """What is known of an item.

    Attributes:
        value_minor: sold in the period that counts for the class.
        counted_at_ms: its last count; None: never.
        error_milli: the variance of its last count, either way.
    """

    sku: str
    value_minor: int
    counted_at_ms: int | None
    error_milli: int = 0


@dataclass(frozen=True, slots=True)
class Due:
    """An item to count, and why: its class, how many days it is overdue, whether it was wrong last time."""

    sku: str
    abc: AbcClass
    overdue_days: int
    was_wrong: bool


def classes(items: Iterable[CyclicItem]) -> dict[str, AbcClass]:
    """Item → class. An item that sold nothing is C."""
    ranked = sorted(items, key=lambda item: (-item.value_minor, item.sku))
    whole = sum(max(0, item.value_minor) for item in ranked)
    found: dict[str, AbcClass] = {}
    before = 0
    for item in ranked:
        found[item.sku] = "C" if item.value_minor <= 0 else _class(before, whole)
        before += max(0, item.value_minor)
    return found


def due(items: Sequence[CyclicItem], *, now_ms: int, most: int) -> list[Due]:
    """At most `most` items to count now: by class, then by how late they are."""
    abc = classes(items)
    found: list[tuple[tuple[object, ...], Due]] = []
    for item in items:
        interval = INTERVAL_DAYS[abc[item.sku]]
        wrong = item.error_milli != 0
        if wrong:
            interval = max(1, interval // 2)
        never = item.counted_at_ms is None
        days = 0 if item.counted_at_ms is None else (now_ms - item.counted_at_ms) // DAY_MS
        if never or days >= interval:
            one = Due(item.sku, abc[item.sku], 0 if never else days - interval, wrong)
            late_ppm = 1_000_000 if never else days * 1_000_000 // interval
            found.append(((abc[item.sku], not wrong, -late_ppm, -item.value_minor, item.sku), one))
    return [one for _, one in sorted(found, key=lambda pair: pair[0])[: max(0, most)]]


def _class(before: int, whole: int) -> AbcClass:
    """By the value of all dearer items: the item that crosses a border still belongs above it."""
    for name, share_ppm in _SHARES_PPM:
        if before * 1_000_000 < whole * share_ppm:
            return name
    return "C"
