"""Explanations of points rules: earning, multiplying, paying with points, goods for points."""

from __future__ import annotations

from typing import Any

from pos_core.pricing.compiled_rule import CompiledPromotion
from pos_core.pricing.explain_facts import NO_SAVING, Facts, refused
from pos_core.pricing.offer import Refused
from pos_core.pricing.points import asked_points, earn_points
from pos_core.pricing.result import Explanation
from pos_core.pricing.scope import in_scope
from pos_core.pricing.standing import measured, measured_units
from pos_core.pricing.thresholds import condition_short
from pos_core.pricing.values import PPM

_NO_GOODS = Refused("missing", "goods", 1)


def points_explanation(facts: Facts, compiled: CompiledPromotion) -> Explanation:
    """Applied, missing (member, points, goods, a condition), out_of_scope, or beaten by a better rule."""
    name = compiled.rule.id
    if facts.question.member is None:
        return Explanation(promotion_id=name, outcome="missing", what="member", short=1)
    if not in_scope(compiled.scope, facts.context):
        return Explanation(promotion_id=name, outcome="out_of_scope")
    if compiled.kind == "points_goods":
        return _spending(facts, compiled)
    short = _conditions_short(facts, compiled)
    if compiled.kind == "points_redeem":
        spending = _spending(facts, compiled)
        return refused(name, short) if short is not None and spending.outcome != "applied" else spending
    if short is not None:
        return refused(name, short)
    return _earning(facts, compiled) if compiled.kind == "points_earn" else _multiplying(facts, compiled)


def _conditions_short(facts: Facts, compiled: CompiledPromotion) -> Refused | None:
    units = facts.units_before((6, 0, 0, ""))
    for condition in compiled.conditions:
        short = condition_short(
            condition,
            measured_units(facts.goods, condition.select, units),
            measured(facts.goods, condition.select, units, condition.basis),
        )
        if short is not None:
            return short
    return None


def _spending(facts: Facts, compiled: CompiledPromotion) -> Explanation:
    name = compiled.rule.id
    benefit: Any = compiled.rule.benefit
    for use in facts.answer.points:
        if use.promotion_id == name:
            return Explanation(
                promotion_id=name, outcome="applied", amount_minor=use.paid_minor, points=use.points
            )
    least = (
        benefit.points_each if compiled.kind == "points_goods" else max(benefit.points, benefit.min_points)
    )
    asked = any(r.promotion_id == name for r in facts.question.redeem)
    assert facts.question.member is not None
    balance = facts.question.member.points_balance
    if asked and compiled.kind == "points_redeem":
        balance = min(balance, asked_points(facts.question).get(name, 0))
    if balance < least:
        return Explanation(promotion_id=name, outcome="missing", what="points", short=least - balance)
    # Enough points: nobody asked for it, or there is nothing to spend them on.
    if asked:
        return refused(name, NO_SAVING if _meant(facts, compiled) else _NO_GOODS)
    return Explanation(promotion_id=name, outcome="missing", what="points", short=least)


def _earning(facts: Facts, compiled: CompiledPromotion) -> Explanation:
    name = compiled.rule.id
    entries = [
        (o.unit_class, o.net_minor, o.points_paid_minor, o.count, facts.tags_of(o))
        for o in facts.answer.outcomes
    ]
    earned = {e.promotion_id: e for e in earn_points(facts.question, facts.goods, facts.context, entries)}
    mine = earned.get(name)
    if mine is not None:
        units = sum(n for shares in mine.shares for points, n in shares if points)
        return Explanation(promotion_id=name, outcome="applied", points=mine.points, units=units)
    group = compiled.stack.group
    rivals = [
        other
        for other in earned
        if compiled.stack.mode == "best"
        and facts.rules.promotions[facts.rules.by_id[other]].stack.group == group
    ]
    if rivals:
        by = tuple(sorted(rivals)[:3])
        return Explanation(promotion_id=name, outcome="beaten", by=by, amount_open=True)
    return refused(name, NO_SAVING if _meant(facts, compiled) else _NO_GOODS)


def _meant(facts: Facts, compiled: CompiledPromotion) -> list[int]:
    """Classes that count and that the rule selects."""
    goods = facts.goods
    return [c for c, fits in enumerate(goods.fits) if goods.counts[c] and compiled.select in fits]


def _multiplying(facts: Facts, compiled: CompiledPromotion) -> Explanation:
    """It counts for a unit when no other multiplier in force is higher there (ties: the smaller id)."""
    name = compiled.rule.id
    units, rivals = 0, set()
    for c, there in enumerate(facts.goods.units):
        if not facts.goods.counts[c]:
            continue
        factors = [
            (-p.rule.benefit.multiplier_ppm, p.rule.id)  # type: ignore[union-attr]
            for p in (facts.rules.promotions[n] for n in facts.rules.points)
            if p.kind == "points_multiply"
            and p.select in facts.goods.fits[c]
            and in_scope(p.scope, facts.context)
            and _conditions_short(facts, p) is None
        ]
        if not any(rule == name for _, rule in factors):
            continue
        factor, winner = min(factors)
        if winner == name and -factor > PPM:
            units += there
        else:
            rivals.add(winner)
    if units and facts.answer.points_earned:
        return Explanation(promotion_id=name, outcome="applied", units=units)
    if rivals:
        by = tuple(sorted(rivals)[:3])
        return Explanation(promotion_id=name, outcome="beaten", by=by, amount_open=True)
    return refused(name, NO_SAVING if units else _NO_GOODS)
