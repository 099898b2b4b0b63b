"""Was a promotion beaten, and by how much? The basket is priced again with the promotion made mandatory."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import NamedTuple

from pos_core.pricing.benefit_each import AmountEach, AmountProgressive, PercentEach, PriceEach
from pos_core.pricing.bounds import most_of
from pos_core.pricing.compiled import compile_rules
from pos_core.pricing.engine import price_basket
from pos_core.pricing.explain_facts import Facts, Limit, tightest
from pos_core.pricing.offer import ITEM, Offer
from pos_core.pricing.presets import stacking_of
from pos_core.pricing.result import PricedBasket
from pos_core.pricing.rule import Limits, Promotion, PromotionSet

FORCED_STATES = 200
"""State budget of a pricing with the promotion forced: it only feeds a sentence."""
RIVALS_MAX = 8
"""Promotions that the answer does not use and that the forced plan may: those that could give most."""
NAMED_MAX = 3


class Forced(NamedTuple):
    """The cheapest plan found with the promotion: how much dearer it is, and what gave way to it."""

    worse_minor: int
    by: tuple[str, ...]
    displaces_mandatory: bool


NOT_KNOWN = Forced(0, (), False)
"""The states ran out before a plan with the promotion was found."""


def forced(facts: Facts, offer: Offer) -> Forced | None:
    """Price with `offer` mandatory; None when no legal plan uses it beside what is mandatory already."""
    assert offer.rule is not None
    candidates = [offer.rule]
    benefit = offer.rule.benefit
    if (
        offer.phase == ITEM
        and offer.optional
        and isinstance(benefit, PercentEach | AmountEach | PriceEach | AmountProgressive)
        and not getattr(benefit, "per_threshold", False)
        and benefit.max_units != 1
    ):
        # Mandatory each-kinds take all their units; an optional one may take a single unit.
        candidates.append(replace(offer.rule, benefit=replace(benefit, max_units=1)))
        if not isinstance(benefit, AmountProgressive):
            candidates.append(replace(offer.rule, benefit=replace(benefit, max_units=1, pick="cheapest")))
    tried = [_priced_with(facts, rule) for rule in candidates]
    plans = [plan for plan in tried if any(a.promotion_id == offer.id for a in plan.applications)]
    if not plans:
        return NOT_KNOWN if any(plan.proof == "bound" for plan in tried) else None
    best = min(plans, key=_cost)
    return Forced(max(0, _cost(best) - _cost(facts.answer)), *_displaced(facts, best, offer.id))


def too_large_for(facts: Facts, offer: Offer) -> Limit | None:
    """The limit or budget of which too little is left for one application; None: it is not that."""
    rule = offer.rule
    if rule is None or (offer.budget is None and offer.uses is None):
        return None
    unbudgeted = replace(rule.limits, budget_minor=None, partial=False)
    if offer.budget is not None and _acts(facts, offer, unbudgeted):
        return "budget"
    if offer.uses is not None and _acts(facts, offer, Limits()):
        left = tightest(rule, facts.usage.get(rule.id), member=facts.question.member is not None)
        return None if left is None else left[1]
    return None


def _acts(facts: Facts, offer: Offer, limits: Limits) -> bool:
    assert offer.rule is not None
    plan = _priced_with(facts, replace(offer.rule, limits=limits))
    return any(a.promotion_id == offer.id for a in plan.applications)


def blockers(facts: Facts, offer: Offer) -> tuple[str, ...]:
    """Used promotions that cannot stand beside `offer`, in the basket or on its units."""
    clash = facts.conflicts.clash[offer.rank]
    bar = facts.conflicts.bar[offer.rank]
    names: set[str] = set()
    for name in facts.used:
        other = facts.by_id.get(name)
        if other is None or other is offer:
            continue
        meets = bool(other.pool_set & offer.pool_set) and facts.conflicts.tag[other.rank] & bar
        if clash >> other.rank & 1 or meets:
            names.add(name)
    return tuple(sorted(names)[:NAMED_MAX])


def _priced_with(facts: Facts, rule: Promotion) -> PricedBasket:
    mandatory = replace(rule, stack=replace(stacking_of(rule), optional=False))
    relevant = PromotionSet(promotions=tuple(_relevant(facts, mandatory)))
    rules = compile_rules(relevant, for_many=False)
    return price_basket(facts.question, rules, state_budget=FORCED_STATES)


def _relevant(facts: Facts, forced_rule: Promotion) -> Iterable[Promotion]:
    """The plan's own promotions, the strongest others, prices and points; the rest is left out."""
    strongest = sorted(
        (-most_of(facts.goods, offer, facts.question.shipping_minor), offer.id)
        for offer in facts.found.offers
        if offer.id not in facts.used and offer.optional
    )
    kept = facts.used | {name for _, name in strongest[:RIVALS_MAX]}
    kept |= {offer.id for offer in facts.found.offers if not offer.optional}
    for compiled in facts.rules.promotions:
        rule = compiled.rule
        if rule.id == forced_rule.id:
            yield forced_rule
        elif rule.id in kept or rule.phase in ("price", "points"):
            yield rule


def _cost(plan: PricedBasket) -> int:
    return plan.goods_net_minor + plan.shipping.net_minor


def _displaced(facts: Facts, plan: PricedBasket, own: str) -> tuple[tuple[str, ...], bool]:
    """Promotions that give less in `plan` than in the answer, the greatest loss first."""
    now = _amounts(facts.answer)
    then = _amounts(plan)
    losses = sorted((then.get(name, 0) - amount, name) for name, amount in now.items() if name != own)
    losers = tuple(name for loss, name in losses if loss < 0)
    gone = {name for name in now if name not in then}
    mandatory = any(name in facts.by_id and not facts.by_id[name].optional for name in gone)
    return losers[:NAMED_MAX], mandatory


def _amounts(plan: PricedBasket) -> dict[str, int]:
    amounts: dict[str, int] = {}
    for application in plan.applications:
        name = application.promotion_id
        amounts[name] = amounts.get(name, 0) + application.amount_minor * application.times
    return amounts
