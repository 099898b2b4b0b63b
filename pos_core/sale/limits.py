"""What each role may do by itself, and from where on a second person must approve.

Policy `role_limits`: role → kind → `true` (no limit), `false` (always a second person) or
`{"rate_ppm", "amount_minor"}` (both must be kept; a missing one is no limit). What it does not name keeps its
default (docs/documents.md, "Approvals").
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

from pos_core.errors import InvalidInput

ApprovalKind = Literal[
    "price_override",
    "line_discount",
    "basket_discount",
    "below_floor",
    "void",
    "return",
    "return_without_receipt",
    "no_sale",
    "paid_out",
    "points",
    "stored_value",
    "stored_value_out",
    "count",
    "other",
]
KINDS: tuple[ApprovalKind, ...] = get_args(ApprovalKind)
ROLES = ("cashier", "supervisor", "manager")


class BadRoleLimits(InvalidInput):
    """A policy that names an unknown role or kind, or holds no limit; `facts["path"]`."""

    code = "bad_role_limits"


@dataclass(frozen=True, slots=True)
class Limit:
    """Up to so much without asking; None is no bound."""

    rate_ppm: int | None = None
    amount_minor: int | None = None

    def allows(self, rate_ppm: int, amount_minor: int) -> bool:
        """Whether an action of this rate and amount stays within."""
        within_rate = self.rate_ppm is None or rate_ppm <= self.rate_ppm
        return within_rate and (self.amount_minor is None or amount_minor <= self.amount_minor)


_FREE = Limit()
_DEFAULTS: dict[str, dict[str, Limit | tuple[int | None, int] | None]] = {
    # (rate in ppm, amount in whole units of the currency)
    "cashier": {
        "price_override": (100_000, 20),
        "line_discount": (100_000, 20),
        "basket_discount": (50_000, 20),
        "below_floor": None,
        "void": _FREE,
        "return": (None, 500),
        "return_without_receipt": None,
        "no_sale": _FREE,
        "paid_out": (None, 200),
        "points": None,
        "stored_value": None,
        "stored_value_out": None,
        "count": None,
        "other": None,
    },
    "supervisor": {
        "price_override": (300_000, 200),
        "line_discount": (300_000, 200),
        "basket_discount": (200_000, 200),
        "below_floor": None,
        "void": _FREE,
        "return": (None, 5000),
        "return_without_receipt": (None, 200),
        "no_sale": _FREE,
        "paid_out": (None, 2000),
        "points": (None, 50),
        "stored_value": (None, 50),
        "stored_value_out": (None, 500),
        "count": None,
        "other": _FREE,
    },
    "manager": dict.fromkeys(KINDS, _FREE),
}


@dataclass(frozen=True)
class RoleLimits:
    """`limits[role][kind]`; None: never without a second person."""

    limits: Mapping[str, Mapping[str, Limit | None]]

    def allows(self, role: str, kind: str, *, rate_ppm: int = 0, amount_minor: int = 0) -> bool:
        """Whether a person of that role may do it. An unknown role may nothing."""
        limit = self.limits.get(role, {}).get(kind)
        return limit is not None and limit.allows(rate_ppm, amount_minor)


def parse_role_limits(policy: object, *, exponent: int = 2) -> RoleLimits:
    """The policy value (decoded JSON; None: the defaults). Raises BadRoleLimits."""
    limits = {
        role: {kind: _default(limit, exponent) for kind, limit in kinds.items()}
        for role, kinds in _DEFAULTS.items()
    }
    if policy is None:
        return RoleLimits(limits)
    if not isinstance(policy, Mapping):
        raise BadRoleLimits("role_limits must be an object", path="role_limits", reason="not_an_object")
    for role, kinds in policy.items():
        if role not in ROLES or not isinstance(kinds, Mapping):
            raise BadRoleLimits(
                f"{role!r} is no role", path=f"role_limits.{str(role)[:32]}", reason="unknown_name"
            )
        for kind, value in kinds.items():
            path = f"role_limits.{role}.{str(kind)[:32]}"
            if kind not in KINDS:
                raise BadRoleLimits(f"{kind!r} is nothing to approve", path=path, reason="unknown_name")
            limits[role][kind] = _limit(value, path)
    return RoleLimits(limits)


def _default(limit: Limit | tuple[int | None, int] | None, exponent: int) -> Limit | None:
    return Limit(limit[0], limit[1] * 10**exponent) if isinstance(limit, tuple) else limit


def _limit(value: Any, path: str) -> Limit | None:
    if value is True:
        return _FREE
    if value is False:
        return None
    if not isinstance(value, Mapping) or set(value) - {"rate_ppm", "amount_minor"}:
        raise BadRoleLimits("a limit is true, false or rate_ppm and amount_minor", path=path, reason="limit")
    for name, bound in value.items():
        if bound is not None and (type(bound) is not int or bound < 0):
            raise BadRoleLimits(
                f"{name} must be a whole number from 0 on",
                path=f"{path}.{name}",
                reason="whole_from",
                least=0,
            )
    return Limit(value.get("rate_ppm"), value.get("amount_minor"))
