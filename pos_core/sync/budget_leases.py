"""Budgets that are handed out beforehand: of campaigns, and of promotions that have one of their own.

Head office puts the promotions' into the policy `leased_budgets` with each release that it publishes:
`{promotion id: minor units}`. Where a budget is handed out, a workstation gives no more of it than it holds.
A promotion's limit of uses over the chain (`in_all`) is handed out in the same way, in uses: `leased_uses`.
A budget's name stands in allowance ids (`budget/<name>/<series>`) and in a sale's `budget_uses`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

POLICY = "leased_budgets"
USES_POLICY = "leased_uses"
_MONEY, _USES = "promotion:", "uses:"
_MINOR_MAX = 2**53 - 1


def promotion_budget(promotion_id: str) -> str:
    """The name of a promotion's own budget; a campaign's is its id."""
    return f"{_MONEY}{promotion_id}"


def uses_budget(promotion_id: str) -> str:
    """The name of a promotion's uses over the chain."""
    return f"{_USES}{promotion_id}"


def promotion_of(budget: str) -> str:
    """Whose budget it is, by one of these two names."""
    return budget.partition(":")[2]


def is_budget(name: str) -> bool:
    """Whether it is one of these two names."""
    return name.startswith((_MONEY, _USES))


def counts_uses(budget: str) -> bool:
    """Whether its units are uses, and not money."""
    return budget.startswith(_USES)


def handed_out(policy: Callable[[str], Any]) -> dict[str, int]:
    """Name of a promotion's budget → the whole of it, of money and of uses; `policy`: key → its JSON."""
    money = {promotion_budget(name): minor for name, minor in leased_budgets(policy(POLICY)).items()}
    return money | {uses_budget(name): uses for name, uses in leased_budgets(policy(USES_POLICY)).items()}


def leased_budgets(value: Any) -> dict[str, int]:
    """Promotion → its whole budget in minor units or uses, from a policy's JSON, but what is wrong."""
    if not isinstance(value, Mapping):
        return {}
    return {name: minor for name, minor in value.items() if type(minor) is int and 0 < minor <= _MINOR_MAX}


def budgets_of_rules(promotions: Any) -> dict[str, int]:
    """As `handed_out`, from a release's promotions as their file has them."""
    found: dict[str, int] = {}
    for rule in promotions if isinstance(promotions, list) else ():
        limits = rule.get("limits") if isinstance(rule, Mapping) else None
        for key, name in (("budget_minor", promotion_budget), ("in_all", uses_budget)):
            units = limits.get(key) if isinstance(limits, Mapping) else None
            if type(units) is int and units > 0:
                found[name(str(rule["id"]))] = units
    return found
