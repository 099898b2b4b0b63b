"""Who gets a coupon of a campaign, looked at page by page, and for which occasion."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from pos_core.sync.folds import State, StateKey
from pos_core.sync.folds.held_basket import is_open
from pos_core.sync.folds.member_profile import field_value
from sync_server.services.campaigns.plan import Plan
from sync_server.services.importing.context import chain_view
from sync_server.services.shared.consents import standing
from sync_server.services.shared.groups import alias_of
from sync_server.store import audience, erasure, fold_state, masters
from sync_server.store.audience import HeldPlace
from sync_server.store.engine import Txn
from sync_server.store.masters import MemberRow

PAGE = 500
HELD_KEPT_MS = 14 * 86_400_000
BY_HAND = ""
"""The occasion of an issue by hand: once in a campaign."""
_DAY_MS = 86_400_000
_HOUR_MS = 3_600_000


@dataclass(frozen=True, slots=True)
class Found:
    """One page. `meant`: (member, occasion). `cursor` "": that was the last."""

    meant: list[tuple[str, str]]
    seen: int
    cursor: str


def by_hand(txn: Txn, plan: Plan, cursor: str) -> Found:
    """Every member whom the plan's tiers, regions and consent mean."""
    return _page(txn, plan, audience.members_after(txn, cursor, PAGE), BY_HAND)


def by_trigger(txn: Txn, plan: Plan, cursor: str, *, now_ms: int, zone: ZoneInfo) -> Found:
    """The members for whom the plan's trigger goes off now."""
    today = datetime.fromtimestamp(now_ms / 1000, UTC).astimezone(zone).date()
    if plan.trigger == "birthday":
        rows = audience.members_after(txn, cursor, PAGE, birthday_month=today.month)
        return _page(txn, plan, rows, f"birthday:{today.year}")
    if plan.trigger == "registration":
        since = now_ms - plan.trigger_days * _DAY_MS
        return _page(txn, plan, audience.members_after(txn, cursor, PAGE, since_ms=since), "registration")
    if plan.trigger == "dormant":
        return _dormant(txn, plan, cursor, (today - timedelta(days=plan.trigger_days)).isoformat())
    return _unpaid(txn, plan, cursor, now_ms)


def _page(txn: Txn, plan: Plan, rows: Sequence[MemberRow], occasion: str) -> Found:
    cursor = rows[-1].member_id if len(rows) == PAGE else ""
    return Found([(each, occasion) for each in _fitting(txn, plan, rows)], len(rows), cursor)


def _dormant(txn: Txn, plan: Plan, cursor: str, before_day: str) -> Found:
    """Who bought before, and not since; an occasion each time he stays away."""
    rows = audience.members_after(txn, cursor, PAGE)
    last = audience.last_days(txn, [row.member_id for row in rows])
    away = [row for row in rows if last.get(row.member_id, "9") <= before_day]
    meant = [(each, f"dormant:{last[each]}") for each in _fitting(txn, plan, away)]
    return Found(meant, len(rows), rows[-1].member_id if len(rows) == PAGE else "")


def _unpaid(txn: Txn, plan: Plan, cursor: str, now_ms: int) -> Found:
    """Whose basket a store holds, and nobody has paid or dropped it."""
    place: HeldPlace = (now_ms - HELD_KEPT_MS, "", 0, 0)
    if cursor:
        at_ms, workstation_id, incarnation, number = json.loads(cursor)
        place = (int(at_ms), str(workstation_id), int(incarnation), int(number))
    until = now_ms - plan.trigger_hours * _HOUR_MS
    rows = audience.held_after(txn, place, until_ms=until, limit=PAGE)
    held = {body["held_id"]: body["member_id"] for _, body in rows if body.get("member_id")}
    states = fold_state.get(txn, [("held_basket", held_id) for held_id in held])
    open_ = {each: of for each, of in held.items() if is_open(states.get(("held_basket", each)))}
    known = masters.members(txn, sorted(set(open_.values())))
    fitting = set(_fitting(txn, plan, list(known.values())))
    meant = [(of, f"held:{held_id}") for held_id, of in sorted(open_.items()) if of in fitting]
    return Found(meant, len(rows), json.dumps(rows[-1][0]) if len(rows) == PAGE else "")


def _fitting(txn: Txn, plan: Plan, rows: Sequence[MemberRow]) -> list[str]:
    """Ids of those whom the plan means: not frozen, not erased, no alias of somebody else."""
    ids = [row.member_id for row in rows]
    states = fold_state.get(txn, [("member_profile", each) for each in ids])
    gone = erasure.erased_among(txn, ids)
    regions = {name: row["region"] for name, row in chain_view(txn).stores.items()} if plan.regions else {}
    return [
        row.member_id
        for row in rows
        if row.member_id not in gone
        and _fits(plan, row, states, regions)
        and alias_of(txn, row.member_id) is None
    ]


def _fits(plan: Plan, row: MemberRow, states: Mapping[StateKey, State], regions: Mapping[str, Any]) -> bool:
    profile = states.get(("member_profile", row.member_id))
    if profile is not None and field_value(profile, "status") not in (None, "active"):
        return False
    tier = (profile and field_value(profile, "tier")) or row.tier
    if plan.tiers and tier not in plan.tiers:
        return False
    if plan.regions and regions.get(row.home_store_id) not in plan.regions:
        return False
    return not plan.consent or agrees(row, profile, plan.consent)


def agrees(row: MemberRow, profile: State | None, purpose: str) -> bool:
    """Has the member agreed; the restrictive answer wins, and who was never asked has not."""
    return bool(standing(row.consents, profile).get(purpose))
