"""When a roll-out stops by itself: figures of its stores since it began, against the same before."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

from pos_core.errors import InvalidInput
from sync_server.store.rollout import Sent

PPM = 1_000_000
_MOST = 10_000_000
POLICY_KEY = "rollout_guards"


class BadGuards(InvalidInput):
    """The policy `rollout_guards` is not as documented."""

    code = "bad_rollout_guards"


@dataclass(frozen=True, slots=True)
class Guards:
    """Bounds. A guard is silent until `sales_min` sales have come.

    Attributes:
        margin_drop_max_ppm: how far the margin (of what has a cost) may fall below the one before.
        overrides_max_ppm: approved overrides a sale, above twice those before.
        errors_max_ppm: quarantined documents and price findings a sale, above twice those before.
    """

    sales_min: int = 20
    margin_drop_max_ppm: int = 50_000
    overrides_max_ppm: int = 50_000
    errors_max_ppm: int = 20_000

    @classmethod
    def of_policy(cls, value: Any) -> Guards:
        """The policy's value; what it leaves out is as here. Raises BadGuards."""
        names = {each.name for each in fields(cls)}
        if not isinstance(value, dict) or not value.keys() <= names:
            raise BadGuards(
                f"must be an object of {', '.join(sorted(names))}",
                reason="object",
                names=", ".join(sorted(names)),
            )
        for name, number in value.items():
            if type(number) is not int or not 1 <= number <= _MOST:
                said = f"{name} must be a whole number from 1 to {_MOST}"
                raise BadGuards(said, path=name, reason="whole_within", least=1, most=_MOST)
        return cls(**value)


def breached(guards: Guards, before: Sent, since: Sent) -> str | None:
    """The name of the guard that says stop; None while all is well."""
    if since.sales < guards.sales_min:
        return "errors" if since.errors >= guards.sales_min else None
    for name, bound in (("overrides", guards.overrides_max_ppm), ("errors", guards.errors_max_ppm)):
        now, then = rate_ppm(getattr(since, name), since.sales), rate_ppm(getattr(before, name), before.sales)
        if now > bound and now > 2 * then:
            return name
    margin, margin_then = margin_ppm(since), margin_ppm(before)
    if margin is None or margin_then is None:
        return None
    if margin_then - margin > guards.margin_drop_max_ppm:
        return "margin"
    return None


def rate_ppm(count: int, sales: int) -> int:
    """So many a million sales; 0 without sales."""
    return count * PPM // sales if sales else 0


def margin_ppm(sent: Sent) -> int | None:
    """Margin over net sales; None without sales of goods with a cost."""
    return (sent.net_minor - sent.cost_minor) * PPM // sent.net_minor if sent.net_minor > 0 else None
