"""Why each promotion of the release did or did not apply. docs/promotions.md, "Explanations".

Made from the answer, so that pricing itself stays fast. Deterministic, and bounded: at most `FORCED_MAX`
promotions, those that could have given most, are priced again to say by how much they were beaten.
"""

from __future__ import annotations

from dataclasses import replace

from pos_core.pricing.basket import PricingInput, UsageCounter
from pos_core.pricing.bounds import most_of
from pos_core.pricing.compiled import RuleSet
from pos_core.pricing.compiled_rule import CompiledPromotion
from pos_core.pricing.engine import price_basket
from pos_core.pricing.explain_beaten import NOT_KNOWN, blockers, forced, too_large_for
from pos_core.pricing.explain_facts import NO_SAVING, Facts, Limit, refused, tightest
from pos_core.pricing.explain_points import points_explanation
from pos_core.pricing.explain_short import next_tier, short_at_its_place, short_of
from pos_core.pricing.goods import price_gain
from pos_core.pricing.offer import PRICE, Offer, Refused
from pos_core.pricing.result import Explanation, PricedBasket
from pos_core.pricing.rule import Promotion
from pos_core.pricing.scope import in_scope
from pos_core.pricing.thresholds import condition_short

FORCED_MAX = 4
"""Promotions priced again for one explanation where a shopper stands and waits: about 20 ms each."""
FORCED_ASKED = 32
"""Where somebody asks at a desk: the command line, head office's quote and its preview."""


def price_explained(question: PricingInput, rules: RuleSet) -> PricedBasket:
    """`price_basket` with `explanations` filled."""
    answer = price_basket(question, rules)
    return replace(answer, explanations=explain(question, rules, answer))


def explain(
    question: PricingInput, rules: RuleSet, answer: PricedBasket, *, forced_max: int = FORCED_MAX
) -> tuple[Explanation, ...]:
    """One explanation for each promotion of the release, sorted by id. `answer`: of these two.

    `forced_max` 0 prices nothing again: next steps and what is missing cost about as much as a pricing.
    """
    facts = Facts(question, rules, answer)
    found: dict[str, Explanation] = {}
    unclear: list[tuple[int, str, Offer]] = []
    for compiled in rules.promotions:
        rule = compiled.rule
        explanation = _without_search(facts, compiled, facts.usage.get(rule.id))
        if explanation is None:
            offer = facts.by_id[rule.id]
            unclear.append((-most_of(facts.goods, offer, question.shipping_minor), rule.id, offer))
        else:
            found[rule.id] = explanation
    for place, (_, name, offer) in enumerate(sorted(unclear, key=lambda entry: entry[:2])):
        found[name] = _lost(facts, offer, place < forced_max)
    return tuple(_with_next(facts, compiled, found[compiled.rule.id]) for compiled in rules.promotions)


def _without_search(
    facts: Facts, compiled: CompiledPromotion, counter: UsageCounter | None
) -> Explanation | None:
    """Everything but beaten and blocked; None: it could have acted and did not."""
    rule = compiled.rule
    if rule.id in facts.used:
        return _applied(facts, rule.id)
    if rule.phase == "points":
        return points_explanation(facts, compiled)
    limit = _exhausted(rule, counter, facts.question.member is not None)
    if not in_scope(compiled.scope, facts.context):
        return Explanation(promotion_id=rule.id, outcome="out_of_scope")
    if limit is not None:
        return Explanation(promotion_id=rule.id, outcome="exhausted", limit=limit)
    if rule.id in facts.by_id:
        short = short_of(facts, facts.by_id[rule.id])
        return refused(rule.id, short) if short is not None else None
    if compiled.phase_rank == PRICE and compiled.number not in facts.found.refused:
        return _price_rule(facts, compiled)
    none = Refused("missing", "goods", 1)  # no goods of the basket fit it
    known = facts.found.refused.get(compiled.number, none)
    if rule.phase == "shipping" and known.what == "goods":
        known = Refused("missing", "shipping", 1)
    return refused(rule.id, short_at_its_place(facts, compiled, known))


def _applied(facts: Facts, name: str) -> Explanation:
    for usage in facts.answer.usage:
        if usage.promotion_id == name:
            points = sum(a.points_cost * a.times for a in facts.answer.applications if a.promotion_id == name)
            return Explanation(
                promotion_id=name,
                outcome="applied",
                amount_minor=usage.amount_minor,
                units=usage.units,
                points=points,
            )
    raise AssertionError(f"{name} is used and has no usage")


def _exhausted(rule: Promotion, counter: UsageCounter | None, member: bool) -> Limit | None:
    """The tightest limit that has nothing left, as the search itself takes it."""
    left = tightest(rule, counter, member=member)
    if left is not None and left[0] <= 0:
        return left[1]
    used = counter or UsageCounter(promotion_id=rule.id)
    budget = used.budget_left(rule.limits.budget_minor, coupon=rule.coupon is not None)
    if budget is not None and budget <= 0:
        return "budget"
    return None


def _price_rule(facts: Facts, compiled: CompiledPromotion) -> Explanation:
    """A mandatory price promotion: it made a price, lacks something, or another price was lower."""
    goods, name = facts.goods, compiled.rule.id
    made = [c for c, source in enumerate(goods.source) if source == name and not goods.goods_points[c]]
    if made:
        less = sum((goods.list[c] - goods.price[c]) * goods.units[c] for c in made)
        units = sum(goods.units[c] for c in made)
        return Explanation(promotion_id=name, outcome="applied", amount_minor=less, units=units)
    for condition in compiled.conditions:
        short = condition_short(
            condition, goods.measured_units(condition.select), goods.measure(condition.select, "list")
        )
        if short is not None:
            return refused(name, short)
    mine = [c for c, fits in enumerate(goods.fits) if goods.receives[c] and compiled.select in fits]
    gains = {c: price_gain(goods, compiled, c) for c in mine}
    if not any(gains.values()):
        return refused(name, NO_SAVING if mine else Refused("missing", "goods", 1))
    worse = sum((goods.list[c] - gain - goods.price[c]) * goods.units[c] for c, gain in gains.items() if gain)
    by = sorted({source for c in mine if (source := goods.source[c]) is not None})
    return Explanation(promotion_id=name, outcome="beaten", amount_minor=max(0, worse), by=tuple(by[:3]))


def _lost(facts: Facts, offer: Offer, price_again: bool) -> Explanation:
    """Beaten or blocked. Not priced again: beaten by what stands in its way, the amount left open."""
    in_the_way = blockers(facts, offer)
    plan = forced(facts, offer) if price_again else NOT_KNOWN
    if plan is None:
        limit = too_large_for(facts, offer)
        if limit is not None:
            return Explanation(promotion_id=offer.id, outcome="exhausted", limit=limit)
    if plan is None and not (in_the_way and most_of(facts.goods, offer, facts.question.shipping_minor)):
        return refused(offer.id, NO_SAVING)
    if plan is None or plan.displaces_mandatory:
        return Explanation(
            promotion_id=offer.id, outcome="blocked", by=in_the_way or (plan.by if plan else ())
        )
    return Explanation(
        promotion_id=offer.id,
        outcome="beaten",
        amount_minor=plan.worse_minor,
        by=plan.by or in_the_way,
        amount_open=plan is NOT_KNOWN,
    )


def _with_next(facts: Facts, compiled: CompiledPromotion, explanation: Explanation) -> Explanation:
    if explanation.outcome not in ("applied", "missing", "beaten"):
        return explanation
    if explanation.what in ("member", "coupon", "points", "gift_line", "shipping", "saving"):
        return explanation
    found = next_tier(facts, compiled, facts.by_id.get(compiled.rule.id))
    return replace(explanation, next_tier=found) if found is not None else explanation
