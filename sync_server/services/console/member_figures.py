"""Members over time: new, active, coming again, kept, dormant, and how they move between tiers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from pos_core.clock import Clock
from sync_server.services.importing.context import DEFAULT_ZONE, chain_view
from sync_server.services.member_months import later
from sync_server.store import member_months
from sync_server.store.engine import Store, Txn
from sync_server.store.schema.channel_sums import MONTH_FIGURES

MOVES_SHOWN = 200
MONTHS = 13
"""A year, and the same month a year ago."""


@dataclass(frozen=True, slots=True)
class Month:
    """`ever`: had bought by its end. `again_ppm` of who bought, `kept_ppm` of who did the month before."""

    month: str
    sales: int
    active: int
    fresh: int
    dormant: int
    ever: int
    again_ppm: int | None
    kept_ppm: int | None


@dataclass(frozen=True, slots=True)
class MemberFigures:
    """Months in order, moves the newest first, members by tier, and the tiers' names."""

    months: Sequence[Month]
    moves: Sequence[Mapping[str, Any]]
    tiers: Mapping[str, int]
    names: Mapping[str, Mapping[str, Any]]


class MembersOverTime:
    """Reads; of the whole chain."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def figures(self) -> MemberFigures:
        """Up to this month."""
        return self._store.read(self._figures)

    def moved(
        self, move: tuple[str, str, str], after: tuple[str, int] | None
    ) -> tuple[list[Mapping[str, Any]], tuple[int, int], Mapping[str, Mapping[str, Any]]]:
        """Who made a move (month, from, to); how many in all and of those kept singly; the tiers' names.

        One more row than MOVES_SHOWN says that there are more.
        """

        def read(
            txn: Txn,
        ) -> tuple[list[Mapping[str, Any]], tuple[int, int], Mapping[str, Mapping[str, Any]]]:
            rows: list[Mapping[str, Any]] = list(member_months.moved(txn, move, after, MOVES_SHOWN + 1))
            return rows, member_months.moved_count(txn, move), _tier_names(chain_view(txn).policies)

        return self._store.read(read)

    def _figures(self, txn: Txn) -> MemberFigures:
        policies = chain_view(txn).policies
        zone = ZoneInfo(policies.get("time_zone", DEFAULT_ZONE))
        last = datetime.fromtimestamp(self._clock.now_ms() / 1000, UTC).astimezone(zone).strftime("%Y-%m")
        first = later(last, 1 - MONTHS)
        rows = {row["month"]: row for row in member_months.months(txn, later(first, -1), last)}
        ever = member_months.fresh_before(txn, first)
        months = []
        for place in range(MONTHS):
            name = later(first, place)
            row = rows.get(name) or dict.fromkeys(MONTH_FIGURES, 0)
            before = rows.get(later(name, -1)) or dict.fromkeys(MONTH_FIGURES, 0)
            ever += row["fresh"]
            months.append(
                Month(
                    name, row["sales"], row["active"], row["fresh"], ever - row["recent"], ever,
                    _share(row["again"], row["active"]), _share(row["kept"], before["active"]),
                )
            )  # fmt: skip
        names = _tier_names(policies)
        return MemberFigures(months, member_months.moves(txn, first, last), member_months.tiers(txn), names)


def _tier_names(policies: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    return {str(each["code"]): each for each in policies.get("member_tiers", [])}


def _share(part: int, whole: int) -> int | None:
    return round(part * 1_000_000 / whole) if whole else None
