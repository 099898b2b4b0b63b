"""Cash rounding (抹零): what is paid in coins and notes goes to a step; other tenders pay exactly.

Policy `cash_rounding`: `{"to": "none" | "0.1" | "1", "mode": "down" | "half_up"}`; `to` is in major
units, and any positive decimal of the currency is understood (0.05 where the smallest coin says so).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pos_core.errors import InvalidInput
from pos_core.money import BadAmount, parse_minor
from pos_core.rounding import RoundingMode, to_step


class BadCashRounding(InvalidInput):
    """A policy value that names no step of this currency or no mode."""

    code = "bad_cash_rounding"


@dataclass(frozen=True, slots=True)
class CashRounding:
    """`step_minor` 1 rounds nothing."""

    step_minor: int = 1
    mode: RoundingMode = "down"

    def adjustment(self, due_minor: int) -> int:
        """What to add to an amount due in cash (below zero: the shopper pays less).

        Between −step and +step/2; nothing is rounded where nothing is due.
        """
        return to_step(due_minor, self.step_minor, self.mode) - due_minor if due_minor > 0 else 0


NO_CASH_ROUNDING = CashRounding()


def parse_cash_rounding(policy: object, *, exponent: int = 2) -> CashRounding:
    """The policy value (decoded JSON; None = none) as a rule. Raises BadCashRounding."""
    if policy is None:
        return NO_CASH_ROUNDING
    if not isinstance(policy, Mapping) or not isinstance(policy.get("to"), str):
        raise BadCashRounding(
            "cash_rounding must be an object with to and mode",
            path="cash_rounding", reason="object", names="to, mode",
        )  # fmt: skip
    if policy["to"] == "none":
        return NO_CASH_ROUNDING
    mode = policy.get("mode", "down")
    if mode not in ("down", "half_up"):
        raise BadCashRounding(
            f"mode {mode!r} is unknown", path="cash_rounding.mode", reason="one_of", names="down, half_up"
        )
    try:
        step_minor = parse_minor(policy["to"], exponent)
    except BadAmount:
        step_minor = 0
    if step_minor < 1:
        raise BadCashRounding(
            f"{policy['to']!r} is no step of this currency", path="cash_rounding.to", reason="no_step"
        )
    return CashRounding(step_minor, mode)
