"""Where a fact stands: its hybrid time, its series and its number, which together order all facts.

States are plain JSON values, so a stamp is kept there as the list `[hlc, workstation_id, incarnation,
number, place]`; such lists compare exactly as stamps do.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from operator import lt
from typing import Any, NamedTuple, Protocol, TypeVar

HQ = "hq"
"""`workstation_id` of head office's own facts (a tier set, a split, a re-consent)."""

StampValue = list[Any]


class Stamp(NamedTuple):
    """Compares by hybrid time, then workstation, incarnation, number and place: never by wall clock.

    A tuple, because a batch of sales has thousands of them.

    Attributes:
        hlc: hybrid time as fixed-width text, already bounded (docs/rulings.md, "clock_out_of_bounds").
        place: 1, 2, 3 … of the facts of one kind within the document; 0 where there is only one.
    """

    hlc: str
    workstation_id: str
    incarnation: int
    number: int
    place: int = 0

    @property
    def series(self) -> str:
        """Text key of the series; the incarnation first, so that no workstation id can imitate another."""
        return series_key(self.workstation_id, self.incarnation)

    @property
    def document(self) -> str:
        """Text key of the document."""
        return document_key(self.workstation_id, self.incarnation, self.number)

    @property
    def by_hq(self) -> bool:
        """True for head office's own facts."""
        return self.workstation_id == HQ

    def as_value(self) -> StampValue:
        """As kept in states."""
        return list(self)


def stamp_from(value: StampValue) -> Stamp:
    """Inverse of `Stamp.as_value`."""
    return Stamp(*value)


@lru_cache(4096)
def series_key(workstation_id: str, incarnation: int) -> str:
    """`incarnation:workstation_id`."""
    return f"{incarnation}:{workstation_id}"


def document_key(workstation_id: str, incarnation: int, number: int) -> str:
    """`workstation_id/incarnation/number`."""
    return f"{workstation_id}/{incarnation}/{number}"


def hlc_ms(hlc: str) -> int:
    """The milliseconds in a hybrid time."""
    return int(hlc[:12], 16)


def already(marks: Mapping[str, list[int]], stamp: Stamp) -> bool:
    """True when `stamp`, or a later fact of its series, was applied: facts come in order within a series."""
    mark = marks.get(stamp.series)
    return mark is not None and [stamp.number, stamp.place] <= mark


def marked(marks: Mapping[str, list[int]], stamp: Stamp) -> dict[str, list[int]]:
    """`marks` with `stamp` as the last of its series."""
    return {**marks, stamp.series: [stamp.number, stamp.place]}


def is_new(marks: dict[str, list[int]], stamp: Stamp) -> bool:
    """Not `already`; if so it is `marked` in `marks` itself: for whoever takes many facts into one state."""
    series, place = stamp.series, [stamp.number, stamp.place]
    mark = marks.get(series)
    if mark is not None and place <= mark:
        return False
    marks[series] = place
    return True


class _Stamped(Protocol):
    @property
    def stamp(self) -> Stamp: ...


_F = TypeVar("_F", bound=_Stamped)


def only_new(marks: dict[str, list[int]], facts: Sequence[_F]) -> Sequence[_F]:
    """Those of `facts` that are new when they come in this order; `marks` has them afterwards.

    Of a batch, facts are nearly always of one series, in order and new: seen at once, not one by one.
    """
    places = [fact.stamp[1:] for fact in facts]
    if places and places[0][:2] == places[-1][:2] and all(map(lt, places, places[1:])):
        series, mark = facts[0].stamp.series, list(places[-1][2:])
        known = marks.get(series)
        if known is None or known < list(places[0][2:]):
            marks[series] = mark
            return facts
    return [fact for fact in facts if is_new(marks, fact.stamp)]
