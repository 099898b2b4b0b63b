"""What a transfer costs and when goods lie for too long: policy `transfers`."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

from pos_core.errors import InvalidInput


@dataclass(frozen=True, slots=True)
class TransferTerms:
    """A part of it may be given.

    Attributes:
        distance_max_m: no transfer over more than that.
        trip_minor, trip_km_minor: a trip costs so much, and so much a kilometre, whatever it carries.
        unit_minor: and each piece or kilogram for picking and booking.
        trip_km_per_day: how far goods come in a day; one day is always needed.
        cover_days_max: goods for more days than this are too many where they lie.
        freed_ppm: what it is worth to sell a unit elsewhere instead of keeping it, of its cost.
    """

    distance_max_m: int = 300_000
    trip_minor: int = 2_000
    trip_km_minor: int = 100
    unit_minor: int = 20
    trip_km_per_day: int = 300
    cover_days_max: int = 45
    freed_ppm: int = 50_000

    def trip_cost_minor(self, distance_m: int) -> int:
        """Of one trip."""
        return self.trip_minor + distance_m * self.trip_km_minor // 1000

    def lead_days(self, distance_m: int) -> int:
        """Until goods of a trip can be sold."""
        return 1 + distance_m // (self.trip_km_per_day * 1000)


def parse_transfer_terms(value: Any) -> TransferTerms:
    """The policy's value; None: the defaults. Raises InvalidInput."""
    if value is None:
        return TransferTerms()
    known = {field.name for field in fields(TransferTerms)}
    if not isinstance(value, dict) or not value.keys() <= known:
        raise InvalidInput(
            f"must be an object of {', '.join(sorted(known))}",
            reason="object",
            names=", ".join(sorted(known)),
        )
    for name, each in value.items():
        least = 1 if name in ("trip_km_per_day", "cover_days_max") else 0
        if type(each) is not int or each < least:
            said = f"{name} must be a whole number, {least} or more"
            raise InvalidInput(said, path=name, reason="whole_from", least=least)
    return TransferTerms(**value)
