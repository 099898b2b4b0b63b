"""The policy `replenishment`: how sure a store wants to be, when too much is too much, who may help.

Fields and defaults: docs/stock.md, "Replenishment".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from pos_core.errors import InvalidInput
from pos_core.stock.nearby import NEAR_M

SERVICE_PPM_LEAST, SERVICE_PPM_MOST = 500_000, 999_900


class BadReplenishmentPolicy(InvalidInput):
    """A policy `replenishment` that cannot be understood; `facts["path"]` says where."""

    code = "bad_replenishment_policy"


@dataclass(frozen=True, slots=True)
class ReplenishmentPolicy:
    """What head office chose.

    Attributes:
        service_ppm: of a hundred times between two deliveries, how often nothing may run out (ppm).
        departments: department code → another service level.
        review_days, lead_days: where neither the item's supply nor its supplier says so.
        over_days: more than is sold in so many days is too much.
        near_m: who may help is no further away.
        keep_days: whoever helps keeps what it sells in so many days.
        per_km_minor, per_trip_minor: what fetching goods costs.
        history_days: so far back the forecast looks.
        hour: of the chain's day, when the forecast begins.
    """

    service_ppm: int = 950_000
    departments: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    review_days: int = 7
    lead_days: int = 2
    over_days: int = 60
    near_m: int = NEAR_M
    keep_days: int = 7
    per_km_minor: int = 100
    per_trip_minor: int = 0
    history_days: int = 400
    hour: int = 3

    def service_of(self, department_code: str) -> int:
        """The service level of a department, ppm."""
        return self.departments.get(department_code, self.service_ppm)

    def trip_minor(self, distance_m: int | None) -> int | None:
        """What it costs to fetch goods from so far away; None where nobody knows how far that is."""
        if distance_m is None:
            return None
        return self.per_trip_minor + (distance_m * self.per_km_minor + 999) // 1000


DEFAULT_REPLENISHMENT_POLICY = ReplenishmentPolicy()
_RANGES: Mapping[str, tuple[int, int]] = MappingProxyType(
    {
        "service_ppm": (SERVICE_PPM_LEAST, SERVICE_PPM_MOST),
        "review_days": (1, 90),
        "lead_days": (0, 180),
        "over_days": (7, 365),
        "near_m": (0, 20_000_000),
        "keep_days": (0, 90),
        "per_km_minor": (0, 1_000_000),
        "per_trip_minor": (0, 100_000_000),
        "history_days": (28, 1100),
        "hour": (0, 23),
    }
)


def parse_replenishment_policy(value: object) -> ReplenishmentPolicy:
    """From the decoded policy; None is the default. Raises BadReplenishmentPolicy."""
    if value is None:
        return DEFAULT_REPLENISHMENT_POLICY
    if not isinstance(value, dict):
        raise BadReplenishmentPolicy("not an object", path="replenishment", reason="not_an_object")
    whole = {
        name: _whole(value.get(name, getattr(DEFAULT_REPLENISHMENT_POLICY, name)), name, *bounds)
        for name, bounds in _RANGES.items()
    }
    return ReplenishmentPolicy(departments=_departments(value.get("departments", {})), **whole)


def _departments(value: object) -> Mapping[str, int]:
    if not isinstance(value, dict):
        raise BadReplenishmentPolicy(
            "departments is not an object", path="departments", reason="not_an_object"
        )
    return {code: _whole(ppm, f"departments.{code}", *_RANGES["service_ppm"]) for code, ppm in value.items()}


def _whole(given: Any, path: str, least: int, most: int) -> int:
    if type(given) is not int or not least <= given <= most:
        raise BadReplenishmentPolicy(
            f"{path} is not within {least} to {most}",
            path=path,
            reason="whole_within",
            least=least,
            most=most,
        )
    return int(given)
