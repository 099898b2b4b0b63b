"""Which promotions' budgets are handed out: the policy `leased_budgets`, as the releases say it.

What every store sells under is in force. A release on its way to some stores first, or of a later date, only
adds budgets of its own beside it: what the others still give stays bounded, by the amount that they know.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from pos_core.canonical import canonical_bytes
from pos_core.sync.budget_leases import POLICY, budgets_of_rules, leased_budgets
from sync_server.store import chain_state, feed, release, rollout
from sync_server.store.engine import Txn
from sync_server.store.release import ReleaseRow

NEXT = "leased_budgets_next_ms"
"""When the next release for all takes effect; "" where none is ahead."""
Promotions = Callable[[ReleaseRow], list[dict[str, Any]] | None]
"""A release's promotions as its file has them; None where it has no such file."""


def settle(txn: Txn, promotions_of: Promotions, now_ms: int) -> None:
    """Puts the policy right: whenever a release comes, is for all, is taken back or takes effect."""
    for_all = release.for_all(txn)
    ahead = [row.effective_from_ms for row in for_all if row.effective_from_ms > now_ms]
    chain_state.put(txn, NEXT, str(min(ahead)) if ahead else "")
    in_force, found = 0, None
    for row in reversed(for_all):
        rules = promotions_of(row) if row.effective_from_ms <= now_ms else None
        if rules is not None:
            in_force, found = row.version, budgets_of_rules(rules)
            break
    for row in release.all_releases(txn):
        if row.version > in_force and not _is_taken_back(txn, row):
            rules = promotions_of(row)
            if rules is not None:
                found = budgets_of_rules(rules) | (found or {})  # what is in force, or sooner, has the say
    if found is not None and found != leased_budgets(feed.policy(txn, POLICY)):
        feed.put_rows(txn, "policy", "chain", [[POLICY, canonical_bytes(found).decode()]])


def is_due(txn: Txn, now_ms: int) -> bool:
    """A release that was published for later has come into force."""
    ahead = chain_state.get(txn, NEXT)
    return bool(ahead) and now_ms >= int(str(ahead))


def promotions_in(content: bytes) -> list[dict[str, Any]]:
    """The promotions of a file."""
    found = json.loads(content).get("promotions")
    return found if isinstance(found, list) else []


def _is_taken_back(txn: Txn, row: ReleaseRow) -> bool:
    known = rollout.get(txn, row.version)
    return known is not None and known.state == "rolled_back"
