"""Dated price lists: which row of a store group's prices is in force at an instant, under a release."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class PriceList:
    """A store group's prices; its rows come with releases."""

    price_list_id: str
    name: str
    currency: str

    @classmethod
    def from_row(cls, row: Sequence[Any]) -> PriceList:
        """From values in the order of the reference columns."""
        return cls(*row)


@dataclass(frozen=True, slots=True)
class PriceRow:
    """The list price of one SKU (per piece, or per kg) from `effective_from_ms` until `effective_to_ms`.

    The period is half open: valid at its first millisecond, no longer at `effective_to_ms` (None = for ever).
    `since_release` is the version that brought the row.
    """

    price_list_id: str
    sku: str
    since_release: int
    effective_from_ms: int
    effective_to_ms: int | None
    price_minor: int

    def valid_at(self, instant_ms: int) -> bool:
        """True from its first millisecond until just before its end."""
        return self.effective_from_ms <= instant_ms and (
            self.effective_to_ms is None or instant_ms < self.effective_to_ms
        )


def price_at(rows: Iterable[PriceRow], *, release_version: int, instant_ms: int) -> PriceRow | None:
    """The row in force among `rows` of one price list and SKU, in any order; None when there is no price.

    A release replaces all rows of the pairs it names: only rows of the newest release not above
    `release_version` count. Among them the latest `effective_from_ms` that is valid wins, so a dated
    special price lies over the everyday price and falls away by itself.
    """
    current = _rows_in_force(rows, release_version)
    valid = [row for row in current if row.valid_at(instant_ms)]
    return max(valid, key=lambda row: row.effective_from_ms, default=None)


def next_change_ms(rows: Iterable[PriceRow], *, release_version: int, instant_ms: int) -> int | None:
    """The first instant after `instant_ms` at which the price of this SKU changes; None when it stays."""
    current = _rows_in_force(rows, release_version)
    moments = {row.effective_from_ms for row in current}
    moments |= {row.effective_to_ms for row in current if row.effective_to_ms is not None}
    now = price_at(current, release_version=release_version, instant_ms=instant_ms)
    for moment in sorted(moment for moment in moments if moment > instant_ms):
        then = price_at(current, release_version=release_version, instant_ms=moment)
        if (now and now.price_minor) != (then and then.price_minor):
            return moment
    return None


def _rows_in_force(rows: Iterable[PriceRow], release_version: int) -> list[PriceRow]:
    known = [row for row in rows if row.since_release <= release_version]
    newest = max((row.since_release for row in known), default=0)
    return [row for row in known if row.since_release == newest]
