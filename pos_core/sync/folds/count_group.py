"""Counts that belong together: what several people found of one SKU, added up, and what they had seen.

A count of its own, or all counts of one session, is a group; as a value

    [rank, total_milli, {part: [stamp, counted_milli, cut, area, recorded_milli]}, session, round]

`rank` is the newest stamp of the session: groups are ordered by it. Parts of the highest round stand, so a
recount takes the place of what was counted first. A part says where it was counted: shoppers take from the
`floor`, everything else comes to or goes from the `back`. A movement that concerns several parts is inside
the group when all of them saw it; where only some did, nobody can know, and a person is shown it.
"""

from __future__ import annotations

from typing import Any

from pos_core.sync.folds.facts import FLOOR_REASONS, Counted
from pos_core.sync.folds.stamp import hlc_ms, series_key

DOUBTFUL_MS = 5 * 60 * 1000
ON_ITS_WAY_MS = 10 * 1000
"""So long word of a sale may be on its way to a counter who hears its workstation."""

Group = list[Any]
RANK, TOTAL, PARTS, SESSION, ROUND = range(5)

ON_FLOOR, IN_BACK = "f", "b"
"""Whence a movement takes; kept with each open movement."""


def side_of(reason: str) -> str:
    """Which side of the shop a movement concerns."""
    return ON_FLOOR if reason in FLOOR_REASONS else IN_BACK


def session_of(fact: Counted) -> str:
    """The session, or the document where the count belongs to none."""
    return fact.session or f"/{fact.stamp.document}"


def group_of(fact: Counted) -> Group:
    """A group of one part."""
    stamp = fact.stamp.as_value()
    part = [stamp, fact.counted_milli, dict(fact.cut), fact.area, fact.recorded_milli]
    return [stamp, fact.counted_milli, {_part(fact): part}, session_of(fact), fact.round]


def joined(group: Group, fact: Counted) -> Group:
    """The group with one more part of its session."""
    alone = group_of(fact)
    rank = max(group[RANK], alone[RANK])
    if fact.round < group[ROUND]:
        parts, round_ = group[PARTS], group[ROUND]
    elif fact.round > group[ROUND]:
        parts, round_ = alone[PARTS], fact.round
    else:
        parts, round_ = {**group[PARTS], **alone[PARTS]}, fact.round
    return [rank, sum(part[1] for part in parts.values()), parts, group[SESSION], round_]


def recorded_milli(group: Group) -> int:
    """What the books said to the first counter."""
    first = min(group[PARTS].values(), key=lambda part: part[0])
    return int(first[4])


def session_id_of(group: Group) -> str | None:
    """The session; None for a count of its own."""
    return None if group[SESSION].startswith("/") else str(group[SESSION])


def inside(group: Group | None, series: str, moved: list[Any]) -> bool:
    """Whether the group saw a movement `[number, place, hlc, milli, side]`."""
    return group is not None and all(_saw(part, series, moved) for part in _concerned(group, moved[4]))


def inside_all(group: Group | None, series: str, floor: list[Any]) -> bool:
    """Whether every part saw everything of a series up to `[number, place, highest hlc]`."""
    return group is not None and all(_saw(part, series, floor) for part in group[PARTS].values())


def is_doubtful(group: Group | None, series: str, moved: list[Any]) -> bool:
    """Cut by a clock that was too near, sold while word of it was on its way, or seen by one part alone."""
    if group is None:
        return False
    parts = _concerned(group, moved[4])
    seen = {_saw(part, series, moved) for part in parts}
    return len(seen) > 1 or any(_near(part, series, moved) for part in parts)


def maybe_doubtful(group: Group, series: str, highest_hlc: str) -> bool:
    """Whether a movement up to this hybrid time may lie near a part that is cut by clock."""
    return any(
        series not in part[2] and hlc_ms(highest_hlc) >= hlc_ms(part[0][0]) - DOUBTFUL_MS
        for part in group[PARTS].values()
    )


def _concerned(group: Group, side: str) -> list[list[Any]]:
    parts = list(group[PARTS].values())
    other = "back" if side == ON_FLOOR else "floor"
    return [part for part in parts if part[3] != other] or parts


def _saw(part: list[Any], series: str, moved: list[Any]) -> bool:
    """By number where the counter had heard the series, else by clock."""
    if series in part[2]:
        return bool(moved[0] <= part[2][series])
    return bool(moved[2] <= part[0][0])


def _near(part: list[Any], series: str, moved: list[Any]) -> bool:
    """Clocks too near; or, of a neighbour that was heard, sold just before by the clock, heard of after."""
    hlc, workstation_id, incarnation = part[0][:3]
    before = hlc_ms(hlc) - hlc_ms(moved[2])
    if series == series_key(workstation_id, incarnation):
        return series not in part[2] and abs(before) <= DOUBTFUL_MS
    if series in part[2]:
        return moved[0] > part[2][series] and 0 <= before <= ON_ITS_WAY_MS
    return abs(before) <= DOUBTFUL_MS


def _part(fact: Counted) -> str:
    return f"{fact.stamp.document}#{fact.stamp.place}"
