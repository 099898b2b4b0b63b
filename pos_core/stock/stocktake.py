"""A stocktake: a session that many people count into, its parts, and what is looked at again.

The session's id is made of the business day and a number, so that workstations that do not hear each other
still count into one session: "20261128-1" is the first count of the store on that day.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeVar, get_args

from pos_core.errors import InvalidInput
from pos_core.rounding import half_up

CountKind = Literal["full", "department", "shelf", "cyclic"]
COUNT_KINDS: tuple[CountKind, ...] = get_args(CountKind)
Area = Literal["floor", "back", ""]
AREAS: tuple[Area, ...] = get_args(Area)
LINES_A_DOCUMENT = 2000
T = TypeVar("T")
_SESSION = re.compile(r"\d{8}-[1-9]\d?")


class BadCountSession(InvalidInput):
    """Not a day and a number like 20261128-1; `facts["session_id"]`."""

    code = "bad_count_session"


def session_id_of(business_day: str, number: int) -> str:
    """`("2026-11-28", 1) -> "20261128-1"`. `number` 1 to 99. Raises BadCountSession."""
    return checked_session_id(f"{business_day.replace('-', '')}-{number}")


def checked_session_id(text: str) -> str:
    """The id as it is kept. Raises BadCountSession."""
    found = text.strip()
    if _SESSION.fullmatch(found) is None:
        raise BadCountSession("not a count's name", session_id=found[:32])
    return found


@dataclass(frozen=True, slots=True)
class CountedLine:
    """What one person found in one place.

    Attributes:
        hlc: hybrid time of the last scan, "" where the document's own counts.
        number: last document of the own series then; None with the same meaning.
        cut: series heard live, as the document's `cut`.
    """

    line_no: int
    sku: str
    counted_milli: int
    recorded_milli: int
    hlc: str = ""
    number: int | None = None
    area: Area = ""
    shelf: str = ""
    cut: tuple[tuple[str, int, int], ...] = ()


def in_documents(rows: Sequence[T], most: int) -> list[Sequence[T]]:
    """The rows in parts of at most `most`, one for each document; no rows are one empty part."""
    return [rows[at : at + most] for at in range(0, max(1, len(rows)), most)]


def count_bodies(
    session_id: str | None, lines: Sequence[CountedLine], *, round_: int = 1
) -> list[dict[str, Any]]:
    """Bodies of `count` documents: one for each shelf, and never more lines than a document holds."""
    by_shelf: dict[tuple[str, str], list[CountedLine]] = {}
    for line in lines:
        by_shelf.setdefault((line.area, line.shelf), []).append(line)
    bodies = []
    for (area, shelf), found in by_shelf.items():
        for part in in_documents(found, LINES_A_DOCUMENT):
            ((usual, _),) = Counter(line.cut for line in part).most_common(1)
            shown = [_line(line, usual) for line in part]
            body: dict[str, Any] = {"lines": shown, "round": round_, "area": area}
            if usual:
                body["cut"] = _cut(usual)
            if session_id is not None:
                body["session_id"] = session_id
            if shelf:
                body["shelf"] = shelf
            bodies.append(body)
    return bodies


Cut = tuple[tuple[str, int, int], ...]


def _cut(cut: Cut) -> list[dict[str, Any]]:
    names = ("workstation_id", "incarnation", "number")
    return [dict(zip(names, heard, strict=True)) for heard in cut]


def _line(line: CountedLine, usual: Cut) -> dict[str, Any]:
    """`usual`: the cut that stands in the document, for the lines that say no other."""
    value: dict[str, Any] = {
        "line_no": line.line_no,
        "sku": line.sku,
        "recorded_milli": line.recorded_milli,
        "counted_milli": line.counted_milli,
    }
    if line.hlc:
        value["hlc"] = line.hlc
    if line.number is not None:
        value["number"] = line.number
    if line.cut != usual:
        value["cut"] = _cut(line.cut)
    return value


@dataclass(frozen=True, slots=True)
class VarianceLine:
    """An item of a session: what was counted, what the books say of it as they are known at a moment.

    Attributes:
        unit_value_minor: what a piece (or kg) is worth: its price, where the cost stays at head office.
        doubtful_milli: movements that nobody can place beside the count.
        approved_milli: the variance that was approved; None before. A late sale moves the other one.
    """

    sku: str
    counted_milli: int
    expected_milli: int
    unit_value_minor: int = 0
    doubtful_milli: int = 0
    approved_milli: int | None = None
    reason_code: str | None = None

    @property
    def variance_milli(self) -> int:
        """Above zero: more lay there than the books say."""
        return self.counted_milli - self.expected_milli

    @property
    def value_minor(self) -> int:
        """The variance in money; what the window sorts by."""
        return half_up(self.variance_milli * self.unit_value_minor, 1000)

    @property
    def restated_milli(self) -> int:
        """By how much documents that came later moved the variance that was approved."""
        return 0 if self.approved_milli is None else self.variance_milli - self.approved_milli


def needs_recount(line: VarianceLine, *, over_minor: int) -> bool:
    """Whether the item is counted again before anybody approves."""
    return abs(line.value_minor) > over_minor


def by_value(lines: Iterable[VarianceLine]) -> list[VarianceLine]:
    """The dearest variance first, then by SKU."""
    return sorted(lines, key=lambda line: (-abs(line.value_minor), -abs(line.variance_milli), line.sku))


def approval_bodies(
    session_id: str, lines: Sequence[VarianceLine], *, currency: str, exponent: int
) -> list[dict[str, Any]]:
    """Bodies of `count_approved`: the variances as the manager saw them, and their sum; split like counts."""
    shown = [line for line in by_value(lines) if line.variance_milli]
    parts = in_documents(shown, LINES_A_DOCUMENT)
    return [
        {
            "session_id": session_id,
            "currency": currency,
            "exponent": exponent,
            "part": number,
            "parts": len(parts),
            "counted_lines": len(lines),
            "variance_minor": sum(line.value_minor for line in shown),
            "lines": [_approved(line_no, line) for line_no, line in enumerate(part, start=1)],
        }
        for number, part in enumerate(parts, start=1)
    ]


def _approved(line_no: int, line: VarianceLine) -> Mapping[str, Any]:
    return {
        "line_no": line_no,
        "sku": line.sku,
        "counted_milli": line.counted_milli,
        "expected_milli": line.expected_milli,
        "value_minor": line.value_minor,
        "reason_code": line.reason_code,
    }
