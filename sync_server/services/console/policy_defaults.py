"""What holds where a policy, or a part of one, is not set: shown in the form's empty fields.

From the same values as the rules themselves. A policy that is not here has no form, or its default is no
figure (the largest change follows the notes of the currency).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from pos_core.sale.by_hand import ByHand
from pos_core.sync.allowance_policy import EVERY_TIER, HOUR_MS, AllowancePolicy
from sync_server.services.balancing.terms import TransferTerms
from sync_server.services.compaction import VISITOR_DAYS
from sync_server.services.console.personal_limits import Limits as PersonalLimits
from sync_server.services.console.policy_forms import Field, shown
from sync_server.services.console.price_checks import Limits as PriceLimits
from sync_server.services.importing.context import DEFAULT_SCOPE, DEFAULT_ZONE
from sync_server.services.notices.rules import Rules
from sync_server.services.rollout_guards import Guards


def _allowances() -> dict[str, Any]:
    """A tier that is not named has what every tier has, as it is set: no figure of its own."""
    policy = AllowancePolicy()
    return {
        **asdict(policy),
        "points": {EVERY_TIER: policy.points[EVERY_TIER]},
        "term_hours": policy.term_ms // HOUR_MS,
    }


def _notices() -> dict[str, Any]:
    rules = asdict(Rules())
    return {**rules, "order": list(rules["order"])}


_DEFAULTS: Mapping[str, Any] = {
    "allowances": _allowances(),
    "by_hand": asdict(ByHand()),
    "day_start_minutes": 0,
    "member_scope": DEFAULT_SCOPE,
    "notices": _notices(),
    "personal_data": asdict(PersonalLimits()),
    "price_change_checks": asdict(PriceLimits()),
    "revoked_grace": 0,
    "rollout_guards": asdict(Guards()),
    "simulated_devices": False,
    "time_zone": DEFAULT_ZONE,
    "transfers": asdict(TransferTerms()),
    "visitor_days": VISITOR_DAYS,
    "zero_price_allowed": False,
}


def defaults_of(policy_key: str, fields: Sequence[Field], exponent: int) -> dict[str, str]:
    """What each empty field stands for, as the form writes it; "" where there is no figure."""
    return shown(fields, _DEFAULTS.get(policy_key), exponent)
