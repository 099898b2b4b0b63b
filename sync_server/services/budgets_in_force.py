"""Which promotions' budgets are handed out: policies `leased_budgets` and `leased_uses`, as the releases say.

What every store sells under is in force. A release on its way to some stores first, or of a later date, only
adds budgets of its own beside it: what the others still give stays bounded, by the amount that they know.

A promotion that ran before its budget was handed out has given some of it already, and no allowance says so.
That is counted once from the sales, by the job; until then each till bounds it by its own uses, as before.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

from pos_core.canonical import canonical_bytes
from pos_core.sync.allowance_policy import purpose_of
from pos_core.sync.budget_leases import (
    POLICY,
    USES_POLICY,
    budgets_of_rules,
    counts_uses,
    is_budget,
    leased_budgets,
    promotion_budget,
    promotion_of,
    uses_budget,
)
from pos_core.sync.folds import facts_of
from pos_core.sync.folds.facts import AllowanceSpent, BudgetSpent, Fact
from sync_server.store import campaign_sums, chain_state, document, feed, release, rollout
from sync_server.store.engine import Txn
from sync_server.store.release import ReleaseRow

NEXT = "leased_budgets_next_ms"
"""When the next release for all takes effect; "" where none is ahead."""
GIVEN = "leased_budgets_given"
"""JSON: budget → units that were given of it before it was handed out; every budget known is in it."""
USES_KNOWN = "leased_uses_known"
"""Set from when on uses are handed out: a chain that is older counts them first, whenever they began."""
UNCOUNTED = "leased_budgets_uncounted"
"""JSON list: budgets whose promotions' sales are to be counted."""
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
    if found is None:
        return
    waiting = _not_counted(txn, promotions_of, found)
    found = {name: units for name, units in found.items() if name not in waiting}
    for policy, in_uses in ((POLICY, False), (USES_POLICY, True)):
        said = {promotion_of(name): each for name, each in found.items() if counts_uses(name) is in_uses}
        if said != leased_budgets(feed.policy(txn, policy)):
            feed.put_rows(txn, "policy", "chain", [[policy, canonical_bytes(said).decode()]])


def given_before(txn: Txn) -> dict[str, int]:
    """Budget → what was given of it before it was handed out."""
    found: dict[str, int] = json.loads(chain_state.get(txn, GIVEN) or "{}")
    return found


def uncounted(txn: Txn) -> list[str]:
    """Budgets whose promotions' sales are to be counted; earlier versions kept promotions' ids."""
    found: list[str] = json.loads(chain_state.get(txn, UNCOUNTED) or "[]")
    return [name if is_budget(name) else promotion_budget(name) for name in found]


def count(txn: Txn, budgets: list[str]) -> dict[str, int]:
    """Budget → what sales gave of it by its promotion, less what came back and what allowances have.

    Reads every sale and return of the chain: once for a promotion, and only where it ran before.
    """
    found = dict.fromkeys(budgets, 0)
    marks = {canonical_bytes(promotion_of(name)) for name in budgets}
    for kind in ("sale", "return"):
        for data in document.of_type(txn, kind):
            if any(mark in data for mark in marks):
                value = json.loads(data)
                for fact in facts_of(value, value["body"], lean=True):
                    for name, units in _given(fact):
                        if name in found:
                            found[name] += units
    return {name: max(0, units) for name, units in found.items()}


def _given(fact: Fact) -> Iterator[tuple[str, int]]:
    """Budget → units that a fact takes of it; less what is charged to an allowance."""
    if isinstance(fact, BudgetSpent):
        kind, _, name = fact.budget_id.partition("/")
        if kind == "promotion":
            yield promotion_budget(name), fact.amount_minor
            yield uses_budget(name), fact.uses
    elif isinstance(fact, AllowanceSpent):
        yield purpose_of(fact.allowance_id).removeprefix("budget/"), -fact.units


def counted(txn: Txn, given: dict[str, int]) -> None:
    """Remembers what `count` found; `settle` then hands these budgets out."""
    chain_state.put(txn, GIVEN, canonical_bytes(given | given_before(txn)).decode())
    left = [name for name in uncounted(txn) if name not in given]
    chain_state.put(txn, UNCOUNTED, canonical_bytes(left).decode())


def _not_counted(txn: Txn, promotions_of: Promotions, found: dict[str, int]) -> set[str]:
    """Of these budgets those whose promotions ran before. What is new has given nothing, which is kept."""
    first = chain_state.get(txn, GIVEN) is None
    given = given_before(txn)
    if first:  # coupons' uses are summed anyway
        campaigns = [str(row[0]) for row in feed.rows_of(txn, "coupon_campaign", "chain")]
        sums = campaign_sums.totals(txn, campaigns, None)
        given |= {name: row["given_minor"] for name, row in sums.items()}
    fresh = found.keys() - given.keys()
    waiting = fresh & set(uncounted(txn))
    if not first and chain_state.get(txn, USES_KNOWN) is None:
        waiting |= {name for name in fresh if counts_uses(name)}
    if fresh - waiting:
        ran = _ran_before(txn, promotions_of, every=first)
        waiting |= {name for name in fresh if promotion_of(name) in ran}
    chain_state.put(txn, USES_KNOWN, "1")
    if first or fresh:
        given |= dict.fromkeys(fresh - waiting, 0)
        chain_state.put(txn, GIVEN, canonical_bytes(given).decode())
        chain_state.put(txn, UNCOUNTED, canonical_bytes(sorted(waiting)).decode())
    return waiting


def _ran_before(txn: Txn, promotions_of: Promotions, *, every: bool) -> set[str]:
    """Promotions of the release for all before the newest one; with `every`, of all before it."""
    newest = release.newest(txn)
    found: set[str] = set()
    for row in reversed(release.for_all(txn)):
        rules = promotions_of(row) if newest is not None and row.version < newest.version else None
        if rules is not None:
            found |= {str(rule["id"]) for rule in rules}
            if not every:
                break
    return found


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
