"""Members month by month, gathered with the sums of sales: who is new, comes again, stays, stays away; tiers.

A month counts by business days. A member is new in the month of the first sale that head office has of him;
one that comes in later and is earlier moves him there.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from sync_server.services.told import Told
from sync_server.store import sums
from sync_server.store.engine import Txn
from sync_server.store.schema.channel_sums import (
    MONTH_FIGURES,
    member_months,
    month_members,
    tier_known,
    tier_move,
    tier_moved,
)

RECENT = 3
"""Months: who bought in none of so many is dormant."""
_SALES, _ACTIVE, _AGAIN, _FRESH, _KEPT, _RECENT = range(len(MONTH_FIGURES))


@dataclass(frozen=True, slots=True)
class Because:
    """Why a tier is another: when, and the document that said so (workstation/…); "": an import."""

    month: str
    at_ms: int
    document: str = ""


def gather(txn: Txn, part: Sequence[Told]) -> None:
    """Sales of members in a part of a series, and tiers that its documents give."""
    bought: dict[str, Counter[str]] = defaultdict(Counter)
    for each in part:
        member_id = each.body.member_id
        if member_id is None:
            continue
        if each.type == "sale":
            bought[member_id][each.business_day[:7]] += 1
        elif each.type in ("member_joined", "member_edited") and each.body.tier:
            by = Because(each.business_day[:7], each.at_ms, each.key)
            note_tiers(txn, by, [(member_id, each.body.tier)])
    _months(txn, bought)


def note_tiers(txn: Txn, by: Because, said: Sequence[tuple[str, str]]) -> None:
    """Tiers as head office hears of them: what differs from before is a move of that month."""
    known = sums.by_key(txn, tier_known, [(member_id,) for member_id, _ in said], 1)
    moves: dict[tuple[str, ...], list[int]] = defaultdict(lambda: [0])
    rows, each = [], []
    for member_id, tier in said:
        had = known.get((member_id,), ("",))[0]
        if had != tier:
            moves[by.month, had, tier][0] += 1
            rows.append((member_id, tier))
            if had or by.document:
                each.append((by.month, had, tier, member_id, by.at_ms, by.document))
    txn.insert_many(tier_known, rows, on_conflict="replace")
    txn.insert_many(tier_moved, each, on_conflict="replace")
    sums.add(txn, tier_move, moves, 3)


def tier_notes(now_ms: int, zone: str) -> Callable[[Txn, Sequence[tuple[str, str]]], None]:
    """`note_tiers` for an import at a moment."""
    month = datetime.fromtimestamp(now_ms / 1000, UTC).astimezone(ZoneInfo(zone)).strftime("%Y-%m")
    return lambda txn, said: note_tiers(txn, Because(month, now_ms), said)


def _months(txn: Txn, bought: dict[str, Counter[str]]) -> None:
    known = sums.by_key(txn, member_months, [(name,) for name in sorted(bought)], 1)
    added: dict[tuple[str, ...], list[int]] = defaultdict(lambda: [0] * len(MONTH_FIGURES))
    rows = []
    for member_id in sorted(bought):
        before = known.get((member_id,))
        months: dict[str, int] = {} if before is None else json.loads(before[0])
        for month, count in sorted(bought[member_id].items()):
            _bought(added, months, month, count)
        rows.append((member_id, json.dumps(months, sort_keys=True)))
    txn.insert_many(member_months, rows, on_conflict="replace")
    sums.add(txn, month_members, added, 1)


def _bought(added: dict[tuple[str, ...], list[int]], months: dict[str, int], month: str, count: int) -> None:
    """So many sales more of a member in a month."""
    had = months.get(month, 0)
    now = added[month,]
    now[_SALES] += count
    now[_AGAIN] += (had + count > 1) - (had > 1)
    if not had:
        now[_ACTIVE] += 1
        first = min(months, default="")
        if not first or month < first:
            now[_FRESH] += 1
            if first:
                added[first,][_FRESH] -= 1
        if later(month, -1) in months:
            now[_KEPT] += 1
        if later(month, 1) in months:
            added[later(month, 1),][_KEPT] += 1
        for ahead in range(RECENT):
            window = later(month, ahead)
            if not any(later(window, -back) in months for back in range(RECENT)):
                added[window,][_RECENT] += 1
    months[month] = had + count


def later(month: str, by: int) -> str:
    """`2026-11, 2 -> 2027-01`."""
    year, place = divmod(int(month[:4]) * 12 + int(month[5:7]) - 1 + by, 12)
    return f"{year:04d}-{place + 1:02d}"
