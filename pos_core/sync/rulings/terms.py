"""The chain's choices in rulings: reference policy `rulings`, with a default for each (docs/rulings.md)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

BEARERS = ("chain", "store")
DAY_MS = 24 * 60 * 60 * 1000


@dataclass(frozen=True, slots=True)
class Limit:
    """A budget or limit; None is no limit in that measure. The key is a `BudgetSpent.budget_id`."""

    uses_max: int | None = None
    amount_minor_max: int | None = None


@dataclass(frozen=True, slots=True)
class Terms:
    """What rules ask a chain for.

    Attributes:
        bearers: rule → `chain` or `store`, over `DEFAULT_BEARERS`.
        uses_max: campaign → how often one coupon of it may be used; 1 where not named, 0 is no limit.
        limits: budget id → its limit.
        recycled_after_ms: a phone number claimed again this long after the older claim may have a new
            owner: the two members are shown to a person, not merged.
        price_tolerance_minor: a price this near to the release's is not ruled on.
    """

    bearers: Mapping[str, str] = field(default_factory=dict)
    uses_max: Mapping[str, int] = field(default_factory=dict)
    limits: Mapping[str, Limit] = field(default_factory=dict)
    recycled_after_ms: int = 365 * DAY_MS
    price_tolerance_minor: int = 0

    def bearer(self, rule: str) -> str:
        """Who bears the cost of a rule's rulings: `chain` or `store`."""
        return self.bearers.get(rule, DEFAULT_BEARERS.get(rule, "chain"))


DEFAULT_BEARERS: dict[str, str] = {
    "coupon_used_twice": "chain",  # the store took it in good faith, inside its lease
    "points_overdrawn": "chain",  # inside an allowance; a manager's own yes is the store's
    "stored_value_overdrawn": "chain",  # inside an allowance; a manager's own yes is the store's
    "line_returned_twice": "store",
    "limit_exceeded": "store",
    "held_basket_paid_twice": "store",
    "reservation_sold_twice": "store",
    "allowance_cloned": "chain",
    "price_differs": "store",
    "promotions_differ": "chain",  # the program priced it, not the store
    "unknown_id": "store",
}


def terms_from_policy(value: Any) -> Terms:
    """From the policy's JSON. What is unknown or wrong falls back to its default: a policy stops nothing."""
    if not isinstance(value, dict):
        return Terms()
    bearers = {rule: word for rule, word in _mapping(value, "bearers").items() if rule and word in BEARERS}
    uses_max = {name: count for name, count in _mapping(value, "uses_max").items() if _natural(count)}
    limits = {
        name: Limit(*(each.get(part) if _natural(each.get(part)) else None for part in _LIMIT_PARTS))
        for name, each in _mapping(value, "limits").items()
        if isinstance(each, dict)
    }
    plain = {
        name: value[name]
        for name in ("recycled_after_ms", "price_tolerance_minor")
        if _natural(value.get(name))
    }
    return Terms(bearers=bearers, uses_max=uses_max, limits=limits, **plain)


_LIMIT_PARTS = tuple(each.name for each in fields(Limit))


def _mapping(value: dict[str, Any], name: str) -> dict[str, Any]:
    found = value.get(name)
    return found if isinstance(found, dict) else {}


def _natural(value: Any) -> bool:
    return type(value) is int and value >= 0
