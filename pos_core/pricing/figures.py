"""What a basket costs in a few figures, for whoever asks about thousands and shows none of them.

The search and the units after it are those of `price_basket`; what is left out is the telling: outcomes,
lines, applications, coupons, and the certificate where the search has proven its plan by itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pos_core.pricing.basket import PricingInput
from pos_core.pricing.certificate import certificate_of
from pos_core.pricing.compiled import RuleSet
from pos_core.pricing.engine import STATE_BUDGET, carried_out, gap_of
from pos_core.pricing.fates import settle


@dataclass(frozen=True, slots=True)
class Figures:
    """Of one answer, in minor units.

    Attributes:
        nets: SKU → net of all its units.
        goods_net_minor, payable_minor: as in the answer.
        gap_minor: it might cost that much less; 0: proven.
    """

    nets: Mapping[str, int]
    goods_net_minor: int
    payable_minor: int
    gap_minor: int = 0


def price_figures(question: PricingInput, rules: RuleSet, *, state_budget: int = STATE_BUDGET) -> Figures:
    """The figures of what `price_basket` answers to the same."""
    done = carried_out(question, rules, state_budget, None)
    goods, plan, ledger = done.goods, done.plan, done.ledger
    nets: dict[str, int] = {}
    total = 0
    sku = goods.sku
    for c, less, _, _, n in ledger.entries():
        worth = -less * n
        total += worth
        nets[sku[c]] = nets.get(sku[c], 0) + worth
    assert total + ledger.shipping == plan.payable
    payable = plan.payable
    if question.redeem:
        payable -= settle(question, goods, done.context, ledger, done.spent).paid_minor
    gap = 0
    if plan.payable > plan.at_least:
        gap = gap_of(question, goods, plan, certificate_of(goods, done.found.offers))
    return Figures(nets, total, payable, gap)
