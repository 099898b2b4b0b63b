"""A hold-out by store: whose home store is held out gets no coupon or message; prices are everybody's.

Stores are drawn, not chosen: within each region they stand in the order of a hash of campaign and store, and
along that row every n-th is held out, begun at a place that a hash of the campaign says (systematic sampling
of strata; Cochran, *Sampling Techniques*, 8). Every store is as likely as the share, each region gives its
share to within one store, and the same campaign and stores give the same stores.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace

from sync_server.services.campaigns.plan import BadPlan, Plan, is_held_out
from sync_server.store import masters
from sync_server.store.engine import Txn

BY_LOT = "held_out"
BY_STORE = "held_out_store"
"""Arms beside `issued`. They stay apart: lots are drawn among members of stores that are not held out."""
STORES_MIN = 5
"""In each group: of fewer, the spread of stores is not known well enough for an interval."""
_MILLION = 1_000_000


def drawn(campaign_id: str, plan: Plan, regions: Mapping[str, str]) -> Plan:
    """The plan with its two groups of stores; `regions`: region of every store. Raises BadPlan."""
    scope = {s: region for s, region in regions.items() if not plan.regions or region in plan.regions}
    if plan.holdout_stores:
        if not set(plan.holdout_stores) < scope.keys():
            raise BadPlan("stores that it does not mean, or all of them", field="holdout_stores")
        out = set(plan.holdout_stores)
    else:
        out = _by_lot(campaign_id, scope, plan.holdout_stores_ppm)
    rest = scope.keys() - out if out else set()
    return replace(plan, stores_out=tuple(sorted(out)), stores_in=tuple(sorted(rest)))


def withheld(txn: Txn, campaign_id: str, plan: Plan, member_ids: Sequence[str]) -> dict[str, str]:
    """Member → arm of those who get nothing: by their home store, else by their own lot."""
    out = frozenset(plan.stores_out)
    rows = masters.members(txn, sorted(set(member_ids))) if out else {}
    arms = {}
    for member_id in member_ids:
        row = rows.get(member_id)
        arm = arm_of(campaign_id, plan, member_id, "" if row is None else row.home_store_id)
        if arm:
            arms[member_id] = arm
    return arms


def arm_of(campaign_id: str, plan: Plan, member_id: str, home_store_id: str) -> str:
    """Of a member of a store; "": he is not held out."""
    if home_store_id in plan.stores_out:
        return BY_STORE
    return BY_LOT if is_held_out(campaign_id, member_id, plan.holdout_ppm) else ""


def _by_lot(campaign_id: str, regions: Mapping[str, str], ppm: int) -> set[str]:
    row = sorted(regions, key=lambda store_id: (regions[store_id], _lot(campaign_id, store_id), store_id))
    begin = _lot(campaign_id, "") % _MILLION
    return {
        store_id
        for place, store_id in enumerate(row)
        if (begin + (place + 1) * ppm) // _MILLION > (begin + place * ppm) // _MILLION
    }


def _lot(campaign_id: str, store_id: str) -> int:
    text = f"tidemark.holdout.store.1\x00{campaign_id}\x00{store_id}"
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")
