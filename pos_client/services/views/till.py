"""The shift and its end: counting, settling, Z reports, and what a manager should look at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from pos_client.receipts.report import Report

ShiftState = Literal["closed", "open"]


@dataclass(frozen=True, slots=True)
class ShiftView:
    """The open shift."""

    shift_id: str
    business_day: str
    opened_at_ms: int
    operator_id: str
    float_minor: int


@dataclass(frozen=True, slots=True)
class WatchRow:
    """One operator of a day. `counts`: name → (how often, amount); `pos_core.sync.folds.watch.NAMES`."""

    operator_id: str
    operator_name: str
    counts: Mapping[str, tuple[int, int]]


@dataclass(frozen=True, slots=True)
class WatchView:
    """What operators did on a business day that a manager should look at."""

    business_day: str
    rows: tuple[WatchRow, ...]


@dataclass(frozen=True, slots=True)
class ZReportView:
    """A settled shift, to choose from.

    Attributes:
        over_minor: counted less expected; below zero it was short.
        late_count, restated_minor: documents of the shift that came to light after it was settled, and by how
            much they change what was expected.
    """

    z_number: int
    business_day: str
    opened_at_ms: int
    operator_id: str
    settled_at_ms: int
    over_minor: int
    late_count: int
    restated_minor: int


@dataclass(frozen=True, slots=True)
class CountSheetView:
    """What a count of the till asks for, and nothing of what should be there.

    Attributes:
        denominations_minor: notes and coins of the chain's cash, the largest first.
        must_count: tender codes that have to be counted; any other may be.
        held_count: baskets on hold, which stay there.
    """

    denominations_minor: tuple[int, ...]
    must_count: tuple[str, ...]
    may_count: tuple[str, ...]
    held_count: int


@dataclass(frozen=True, slots=True)
class TenderDifference:
    """Expected beside counted, once the count is declared. `counted_minor` None: nobody counted it."""

    tender_code: str
    tender_kind: str
    expected_minor: int
    counted_minor: int | None
    difference_minor: int


@dataclass(frozen=True, slots=True)
class DeclarationView:
    """A declared count. `needs_reason`: over or short by more than the chain lets pass."""

    count_number: int
    tenders: tuple[TenderDifference, ...]
    difference_minor: int
    needs_reason: bool


@dataclass(frozen=True, slots=True)
class SettledView:
    """A settled shift: durable, its Z report on the way to the printer."""

    z_number: int
    number: int
    difference_minor: int
    report: Report
