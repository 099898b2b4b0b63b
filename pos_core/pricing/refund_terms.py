"""What must be kept with a sale so that its returns need no release: the terms of the promotions it used."""

from __future__ import annotations

from pos_core.pricing.compiled import RuleSet
from pos_core.pricing.refund_values import RefundTerms
from pos_core.pricing.result import PricedBasket


def refund_terms(answer: PricedBasket, rules: RuleSet) -> tuple[RefundTerms, ...]:
    """The terms of every promotion that the answer applied or that made a price, sorted by id.

    Terms that are all defaults are left out: a promotion without terms has the defaults.
    """
    assert answer.release_hash == rules.release_hash, "the answer is of another release"
    names = {application.promotion_id for application in answer.applications}
    names |= {unit_class.price_source for unit_class in answer.classes if unit_class.price_source is not None}
    found: list[RefundTerms] = []
    for name in sorted(names):
        number = rules.by_id.get(name)
        if number is None:  # a price list, not a promotion
            continue
        rule = rules.promotions[number].rule
        terms = RefundTerms(
            promotion_id=name,
            method=rule.refund.method,
            coupon=rule.refund.coupon,
            restore_limits=rule.refund.restore_limits,
            consume=rule.coupon.consume if rule.coupon else "application",
            count_by=rule.limits.count_by,
        )
        if terms != RefundTerms(promotion_id=name):
            found.append(terms)
    return tuple(found)
