"""Budgets that are handed out beforehand: of campaigns, and of promotions that have one of their own.

Head office puts the promotions' into the policy `leased_budgets` with each release that it publishes:
`{promotion id: minor units}`. Where a budget is handed out, a workstation gives no more of it than it holds.
A budget's name stands in allowance ids (`budget/<name>/<series>`) and in a sale's `budget_uses`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

POLICY = "leased_budgets"
_MINOR_MAX = 2**53 - 1


def promotion_budget(promotion_id: str) -> str:
    """The name of a promotion's own budget; a campaign's is its id."""
    return f"promotion:{promotion_id}"


def leased_budgets(value: Any) -> dict[str, int]:
    """Promotion → its whole budget in minor units, from the policy's JSON; what is wrong is left out."""
    if not isinstance(value, Mapping):
        return {}
    return {name: minor for name, minor in value.items() if type(minor) is int and 0 < minor <= _MINOR_MAX}


def budgets_of_rules(promotions: Any) -> dict[str, int]:
    """The same, from a release's promotions as their file has them."""
    found: dict[str, int] = {}
    for rule in promotions if isinstance(promotions, list) else ():
        limits = rule.get("limits") if isinstance(rule, Mapping) else None
        minor = limits.get("budget_minor") if isinstance(limits, Mapping) else None
        if type(minor) is int and minor > 0:
            found[str(rule["id"])] = minor
    return found
