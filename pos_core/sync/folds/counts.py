"""The counts of one SKU at one store, all of them.

    {"counts": {"document#place": [stamp, counted_milli, recorded_milli, cut, session, round, area]}}

On hand and the newest variance need the two newest groups only (`stock`); the history of variances needs all.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from pos_core.sync.folds.count_group import (
    RANK,
    SESSION,
    TOTAL,
    Group,
    group_of,
    inside,
    joined,
    recorded_milli,
    session_id_of,
    side_of,
)
from pos_core.sync.folds.facts import Counted, StockMoved
from pos_core.sync.folds.fold import Fold, State
from pos_core.sync.folds.stamp import Stamp, stamp_from
from pos_core.sync.folds.stock import stock_key


@dataclass(frozen=True, slots=True)
class Variance:
    """What a count or a session found against the books as they are known now; late sales restate it.

    Attributes:
        stamp: of its newest part.
        session: "" for a count of its own.
        expected_milli: the count before plus the movements between the two cuts.
        recorded_milli: what the books said to the first counter.
    """

    stamp: Stamp
    session: str
    counted_milli: int
    recorded_milli: int
    expected_milli: int

    @property
    def variance_milli(self) -> int:
        """Above zero: more lay there than the books say."""
        return self.counted_milli - self.expected_milli


def apply(state: State | None, fact: Counted) -> State:
    """With one more count."""
    counts = dict(state["counts"]) if state else {}
    name = f"{fact.stamp.document}#{fact.stamp.place}"
    stamp, cut = fact.stamp.as_value(), dict(fact.cut)
    counts[name] = [
        stamp,
        fact.counted_milli,
        fact.recorded_milli,
        cut,
        fact.session,
        fact.round,
        fact.area,
    ]
    return {"counts": counts}


def variances(state: State | None, movements: Iterable[StockMoved]) -> list[Variance]:
    """One for each group, earliest first, from the ledger's movements of the key (each once)."""
    moved: list[tuple[str, list[Any]]] = [
        (
            each.stamp.series,
            [each.stamp.number, each.stamp.place, each.stamp.hlc, each.quantity_milli, side_of(each.reason)],
        )
        for each in movements
    ]
    values = state["counts"] if state else {}
    found: list[Variance] = []
    before: Group | None = None
    for group in _groups(values.values()):
        between = sum(
            each[3]
            for series, each in moved
            if inside(group, series, each) and not inside(before, series, each)
        )
        known_milli = 0 if before is None else before[TOTAL]
        stamp, session = stamp_from(group[RANK]), session_id_of(group) or ""
        expected_milli = known_milli + between
        found.append(Variance(stamp, session, group[TOTAL], recorded_milli(group), expected_milli))
        before = group
    return found


def _groups(counts: Iterable[list[Any]]) -> list[Group]:
    groups: dict[str, Group] = {}
    for value in counts:
        fact = _fact(value)
        alone = group_of(fact)
        name = alone[SESSION]
        groups[name] = joined(groups[name], fact) if name in groups else alone
    return sorted(groups.values(), key=lambda group: group[RANK])


def _fact(value: list[Any]) -> Counted:
    stamp, counted_milli, recorded_milli, cut, session, round_, area = value
    return Counted(stamp_from(stamp), "", "", counted_milli, recorded_milli, cut, session, round_, area)


FOLD = Fold("counts", (Counted,), lambda fact: stock_key(fact.store_id, fact.sku), apply)
