"""The chain's choices about allowances: reference policy `allowances`, with a default for each.

    {"points": {"*": 500, "gold": 2000}, "stored_value_minor": 20000, "budget_ppm": 20000,
     "term_hours": 72, "headroom_points": 0, "survives_restart": true,
     "online_minutes": 15, "online_hold_hours": 24}

`points` by tier; `*` is one slice for all tiers that are not named. Ids are `points/<series>/<tier>`,
`stored_value/<series>` and `budget/<campaign>/<series>`: another incarnation has others.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pos_core.sync.allowance import Kind, Rules
from pos_core.sync.budget_leases import counts_uses

MINUTE_MS = 60 * 1000
HOUR_MS = 60 * MINUTE_MS
EVERY_TIER = "*"
UNITS_MAX = 1_000_000_000
USES_LEAST = 5
"""Uses of a promotion that one workstation holds, where there are so many for each."""
TERM_HOURS_MAX = 90 * 24
ONLINE_MINUTES_MAX = 120


@dataclass(frozen=True, slots=True)
class AllowancePolicy:
    """What one workstation may let go while nobody answers.

    Attributes:
        points: tier → points; EVERY_TIER for tiers that are not named.
        budget_ppm: the share of a budget that one workstation holds at most; 0 hands out nothing.
        headroom_points: what the managers of one store may let go beyond that, in points.
        online_term_ms: how long what head office let go for one shopper may be used.
        online_hold_ms: how long it counts against his account when the workstation stays silent.
    """

    points: Mapping[str, int] = field(default_factory=lambda: {EVERY_TIER: 500})
    stored_value_minor: int = 20_000
    budget_ppm: int = 20_000
    term_ms: int = 72 * HOUR_MS
    headroom_points: int = 0
    survives_restart: bool = True
    online_term_ms: int = 15 * MINUTE_MS
    online_hold_ms: int = 24 * HOUR_MS

    @property
    def rules(self) -> Rules:
        """How the holder counts its term."""
        return Rules(survives_restart=self.survives_restart)

    def tier_of(self, tier: str) -> str:
        """The name of the slice that a member of `tier` draws from."""
        return tier if tier in self.points else EVERY_TIER

    def wanted(
        self, series: str, budgets: Mapping[str, int], workstations: int = 1
    ) -> dict[str, tuple[Kind, int]]:
        """Allowance id → kind and how many units the holder should have again after a contact.

        `budgets`: name → the whole of it in minor units, or in uses; `workstations`: how many active ones
        share them.
        """
        found: dict[str, tuple[Kind, int]] = {
            points_id(series, tier): ("points", units) for tier, units in self.points.items()
        }
        found[stored_value_id(series)] = ("stored_value", self.stored_value_minor)
        for campaign_id, budget_minor in budgets.items():
            least = USES_LEAST if counts_uses(campaign_id) else 1
            units = budget_part(budget_minor, self.budget_ppm, workstations, least)
            found[budget_id(campaign_id, series)] = ("budget", units)
        return {allowance_id: each for allowance_id, each in found.items() if each[1] > 0}


def budget_part(budget_minor: int, ppm: int, workstations: int, least: int = 1) -> int:
    """What one of so many workstations holds of a budget: as many parts as there are workstations fit in it.

    Their number is rounded up to four binary digits: a part does not shrink with each newcomer. Never less
    than one unit, or a small budget would not be handed out at all, and each till would give the whole of it.
    The share may be small for a deal: `least` units where so many fit in for each workstation.
    """
    if not ppm or budget_minor <= 0:
        return 0
    step = max(0, workstations.bit_length() - 4)
    sharers = max(1, -(-workstations >> step) << step)
    share = max(least, budget_minor * ppm // 1_000_000)
    return max(1, min(share, budget_minor // sharers, UNITS_MAX))


def points_id(series: str, tier: str) -> str:
    """`tier` as `AllowancePolicy.tier_of` says."""
    return f"points/{series}/{tier}"


def stored_value_id(series: str) -> str:
    """Money of members and cards, in minor units."""
    return f"stored_value/{series}"


def budget_id(campaign_id: str, series: str) -> str:
    """A campaign's or promotion's budget, in minor units or uses."""
    return f"budget/{campaign_id}/{series}"


def purpose_of(allowance_id: str) -> str:
    """What it is for, whoever holds it: `points/<tier>`, `stored_value`, `budget/<campaign>`; "" for others.

    Coupons have none: each is its own.
    """
    kind, _, rest = allowance_id.partition("/")
    if kind == "points":
        return f"points/{rest.partition('/')[2]}"
    if kind == "budget":
        return f"budget/{rest.rpartition('/')[0]}"
    return kind if kind == "stored_value" else ""


def renewal_is_due(*, left: int, ceiling: int, elapsed_ms: int, term_ms: int) -> bool:
    """Half of it is gone, or half of its term: often enough to be whole when the line breaks."""
    return 2 * left < ceiling or 2 * elapsed_ms >= term_ms


def allowance_policy(value: Any) -> AllowancePolicy:
    """From the policy's JSON. What is unknown or wrong falls back to its default: a policy stops nothing."""
    if not isinstance(value, dict):
        return AllowancePolicy()
    changes: dict[str, Any] = {
        name: value[name]
        for name in ("stored_value_minor", "budget_ppm", "headroom_points")
        if _units(value.get(name))
    }
    points = value.get("points")
    if isinstance(points, dict):
        changes["points"] = {
            tier: units for tier, units in points.items() if tier and "/" not in tier and _units(units)
        }
    hours = value.get("term_hours")
    if type(hours) is int and 1 <= hours <= TERM_HOURS_MAX:
        changes["term_ms"] = hours * HOUR_MS
    minutes, hold = value.get("online_minutes"), value.get("online_hold_hours")
    if type(minutes) is int and 1 <= minutes <= ONLINE_MINUTES_MAX:
        changes["online_term_ms"] = minutes * MINUTE_MS
    if type(hold) is int and 2 <= hold <= TERM_HOURS_MAX:
        changes["online_hold_ms"] = hold * HOUR_MS
    if isinstance(value.get("survives_restart"), bool):
        changes["survives_restart"] = value["survives_restart"]
    return AllowancePolicy(**changes)


def _units(value: Any) -> bool:
    return type(value) is int and 0 <= value <= UNITS_MAX
