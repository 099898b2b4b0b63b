"""How a figure by hand is typed: what one without a mark means, and where its reason is asked.

Policy `by_hand`: `{"figure": "percent" | "amount", "reason": "first" | "ask"}`, each may be missing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, cast, get_args

from pos_core.errors import InvalidInput

Figure = Literal["percent", "amount"]
ReasonAsked = Literal["first", "ask"]
FIGURES: tuple[Figure, ...] = get_args(Figure)
REASON_ASKED: tuple[ReasonAsked, ...] = get_args(ReasonAsked)


class BadByHand(InvalidInput):
    """A policy that says something else; `facts["path"]`."""

    code = "bad_by_hand"


@dataclass(frozen=True, slots=True)
class ByHand:
    """`figure`: what a whole number without a mark is, in a discount; one with a point is always money.

    `reason`: the first reason of the list stands chosen beside the figure and one Enter takes both, or it is
    asked on a page of its own.
    """

    figure: Figure = "percent"
    reason: ReasonAsked = "first"


def parse_by_hand(policy: object) -> ByHand:
    """The policy value (decoded JSON; None: the defaults). Raises BadByHand."""
    if policy is None:
        return ByHand()
    if not isinstance(policy, Mapping) or not policy.keys() <= {"figure", "reason"}:
        raise BadByHand(
            "by_hand is an object of figure and reason",
            path="by_hand",
            reason="object",
            names="figure, reason",
        )
    figure = _one_of(policy, "figure", FIGURES)
    reason = _one_of(policy, "reason", REASON_ASKED)
    return ByHand(cast("Figure", figure), cast("ReasonAsked", reason))


def _one_of(policy: Mapping[str, Any], name: str, known: tuple[str, ...]) -> str:
    value = policy.get(name, known[0])
    if value not in known:
        raise BadByHand(
            f"{name} is one of {', '.join(known)}",
            path=f"by_hand.{name}",
            reason="one_of",
            names=", ".join(known),
        )
    return str(value)
