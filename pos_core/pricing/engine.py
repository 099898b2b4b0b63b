"""The one entry: a basket and a release in, the priced basket out. Specification: docs/promotions.md."""

from __future__ import annotations

from pos_core.pricing.basket import PricingInput
from pos_core.pricing.compiled import RuleSet
from pos_core.pricing.result import PricedBasket

STATE_BUDGET = 20_000
"""Search states per component before a bound is accepted. Counted, not timed: every machine agrees."""


class EngineState:
    """What a pricing may reuse from the one before it. Opaque; belongs to one basket on one thread.

    `price_basket` reads it and leaves it ready for the next scan. Only speed changes: the answer, the proof
    and the certificate are those of pricing from scratch, because work reused is charged to the state budget
    as if it were done again.
    """

    __slots__ = ("components", "release_hash")

    def __init__(self) -> None:
        self.release_hash = ""
        self.components: dict[object, object] = {}


def price_basket(
    question: PricingInput,
    rules: RuleSet,
    *,
    state_budget: int = STATE_BUDGET,
    previous: EngineState | None = None,
    explain: bool = False,
) -> PricedBasket:
    """The cheapest legal plan for the basket, with its proof.

    Same question and rules, same bytes: no clock, no environment, no hash order. `explain` fills
    `explanations`, which is left out of the fast path because it speaks of every promotion of the release.
    """
    raise NotImplementedError
