"""Sums of a result: lines, money, coupons, usage and points. Source: docs/promotions.md 2.9 to 2.12."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pos_core.pricing.checker_facts import Facts, valid_coupon
from pos_core.pricing.checker_limits import cost_of, counted
from pos_core.pricing.checker_walk import Walk
from pos_core.pricing.result import PricedBasket
from pos_core.pricing.rounding import divide
from pos_core.pricing.values import PPM


def check_sums(walk: Walk) -> None:
    """Everything that is a sum of the outcomes."""
    priced, facts = walk.priced, walk.facts
    goods = sum([o.net_minor * o.count for o in priced.outcomes])
    listed = sum([k.list_minor * k.units for k in facts.kinds])
    prices = sum([facts.price[i] * k.units for i, k in enumerate(facts.kinds)])
    paid = sum([o.points_paid_minor * o.count for o in priced.outcomes])
    earned = sum([o.points_earned * o.count for o in priced.outcomes])
    wanted = {
        "list_minor": listed,
        "price_minor": prices,
        "goods_net_minor": goods,
        "discount_minor": prices - goods,
        "points_paid_minor": paid,
        "points_earned": earned,
        "payable_minor": goods + priced.shipping.net_minor - paid,
    }
    for name, amount in wanted.items():
        if getattr(priced, name) != amount:
            walk.say(f"/{name}", "sum", f"the parts make {amount}")
    _check_shipping(walk)
    _check_lines(walk)
    _check_coupons(walk)
    _check_usage(walk)
    _check_points(walk)
    _check_gifts(walk)


def _check_shipping(walk: Walk) -> None:
    shipping = walk.priced.shipping
    taken = [(n, a.amount_minor) for n, a in enumerate(walk.priced.applications) if a.phase == "shipping"]
    if shipping.list_minor != walk.facts.question.shipping_minor or shipping.net_minor != walk.shipping:
        walk.say("/shipping", "sum", f"shipping comes to {walk.shipping}")
    if [(s.application, s.amount_minor) for s in shipping.shares] != taken:
        walk.say("/shipping/shares", "sum", "not the applications of phase shipping")


def _check_lines(walk: Walk) -> None:
    """2.12: the outcomes of a class, in their order, are dealt to its lines in theirs."""
    priced, facts = walk.priced, walk.facts
    by_class: dict[int, list[int]] = {}
    for number, outcome in enumerate(priced.outcomes):
        by_class.setdefault(outcome.unit_class, []).append(number)
    dealt: dict[str, list[tuple[int, int]]] = {line.line_id: [] for line in facts.question.lines}
    for unit, kind in enumerate(facts.kinds):
        stream = iter(_stream(priced, by_class.get(unit, [])))
        number, left = next(stream, (0, 0))
        for line_id, units in kind.lines:
            wanted = units
            while wanted and left:
                n = min(wanted, left)
                dealt[line_id].append((number, n))
                wanted, left = wanted - n, left - n
                if not left:
                    number, left = next(stream, (0, 0))
    if [line.line_id for line in priced.lines] != sorted(dealt, key=lambda name: (len(name), name)):
        walk.say("/lines", "lines", "not the lines of the basket by length and text of their id")
        return
    for place, line in enumerate(priced.lines):
        parts = dealt[line.line_id]
        if sorted((u.outcome, u.count) for u in line.units) != sorted(parts):
            walk.say(f"/lines/{place}/units", "dealing", "not the units that fall to this line")
            continue
        outcomes = [(priced.outcomes[o], n) for o, n in parts]
        due = (
            sum([facts.kinds[o.unit_class].list_minor * n for o, n in outcomes]),
            sum([facts.price[o.unit_class] * n for o, n in outcomes]),
            sum([o.net_minor * n for o, n in outcomes]),
            sum([o.points_paid_minor * n for o, n in outcomes]),
            sum([o.points_earned * n for o, n in outcomes]),
        )
        found = (
            line.list_minor,
            line.price_minor,
            line.net_minor,
            line.points_paid_minor,
            line.points_earned,
        )
        if found != due or line.discount_minor != line.price_minor - line.net_minor:
            walk.say(f"/lines/{place}", "sum", "the line is not the sum of its units")


def _stream(priced: PricedBasket, numbers: list[int]) -> Iterator[tuple[int, int]]:
    for number in numbers:
        yield number, priced.outcomes[number].count


# --- coupons, usage, gifts --------------------------------------------------------------------------------


def _check_coupons(walk: Walk) -> None:
    facts = walk.facts
    question = facts.question
    segments = set(question.member.segments) if question.member else set()
    left = {c.coupon_id: c.uses for c in question.coupons if valid_coupon(question.instant_ms, segments, c)}
    by_campaign: dict[str, list[str]] = {}
    for c in sorted(question.coupons, key=lambda c: (c.ends_ms is None, c.ends_ms or 0, c.coupon_id)):
        if c.coupon_id in left:
            by_campaign.setdefault(c.campaign, []).append(c.coupon_id)
    wanted: dict[str, int] = {}
    named: dict[str, set[str]] = {}
    for name, used in walk.used.items():
        rule = facts.rules.rules.get(name)
        need = rule.promotion.coupon if rule is not None else None
        if need is not None:
            times = 1 if need.consume == "basket" else used.applications
            wanted[need.campaign] = wanted.get(need.campaign, 0) + times
    consumed: dict[str, int] = {}
    for campaign, uses in wanted.items():
        times = uses
        for coupon_id in by_campaign.get(campaign, ()):
            n = min(times, left[coupon_id])
            if n:
                consumed[coupon_id] = n
                times -= n
        if times:
            walk.say("/coupons", "coupon", f"more uses of {campaign!r} than were presented")
        named[campaign] = {i for i in by_campaign.get(campaign, ()) if i in consumed}
    _check_coupon_results(walk, consumed, named)


def _check_coupon_results(walk: Walk, consumed: dict[str, int], named: dict[str, set[str]]) -> None:
    priced = walk.priced
    presented = sorted(c.coupon_id for c in walk.facts.question.coupons)
    if sorted(c.coupon_id for c in priced.coupons) != presented:
        walk.say("/coupons", "coupon", "not the coupons presented")
        return
    for place, c in enumerate(priced.coupons):
        if c.uses_consumed != consumed.get(c.coupon_id, 0) or (c.uses_consumed > 0) == (c.reason is not None):
            walk.say(f"/coupons/{place}", "coupon", f"uses are {consumed.get(c.coupon_id, 0)}")
    for number, a in enumerate(priced.applications):
        rule = walk.facts.rules.rules.get(a.promotion_id)
        need = rule.promotion.coupon if rule is not None and a.phase == rule.promotion.phase else None
        allowed = named.get(need.campaign, set()) if need is not None else set()
        if not set(a.coupons) <= allowed:
            walk.say(f"/applications/{number}/coupons", "coupon", "coupons that are not consumed by it")


def _check_usage(walk: Walk) -> None:
    wanted = []
    for name, used in sorted(walk.used.items()):
        rule = walk.facts.rules.rules.get(name)
        count = counted(rule, used) if rule is not None else used.applications
        wanted.append((name, count, used.applications, used.units, used.amount))
    found = [(u.promotion_id, u.counted, u.applications, u.units, u.amount_minor) for u in walk.priced.usage]
    known = walk.facts.rules.rules
    if [u for u in found if u[0] in known] != [u for u in wanted if u[0] in known]:
        walk.say("/usage", "usage", "not what the applications use")


def _check_gifts(walk: Walk) -> None:
    given: dict[str, int] = {}
    for number, a in enumerate(walk.priced.applications):
        rule = walk.facts.rules.rules.get(a.promotion_id)
        if rule is not None and rule.kind == "gift":
            given[a.promotion_id] = sum([walk.count[o] for o, _, _ in walk.members[number]])
    for place, gift in enumerate(walk.priced.gifts):
        units = given.pop(gift.promotion_id, 0)
        if gift.units_given != units or gift.units_entitled < units:
            walk.say(f"/gifts/{place}", "gift", f"{units} units were given")
    if given:
        walk.say("/gifts", "gift", "gifts were given without an entitlement")


# --- points -------------------------------------------------------------------------------------------------


def _check_points(walk: Walk) -> None:
    facts, priced = walk.facts, walk.priced
    goods_points = sum([k.units * facts.goods_points[i] for i, k in enumerate(facts.kinds)])
    cost = cost_of(facts, walk.used)
    own = cost_of(facts, walk.used, own_only=True)
    uses = {u.promotion_id: u for u in priced.points}
    if own > facts.balance or cost > facts.balance + priced.points_earned:
        walk.say("/points", "balance", "the points do not suffice")
    for name, used in walk.used.items():
        rule = facts.rules.rules.get(name)
        price = rule.promotion.points_cost if rule is not None else 0
        if price and price * used.applications > facts.asked.get(name, 0):
            walk.say("/points", "balance", f"{name!r} takes more points than were asked for")
    if sum([u.points for u in uses.values()]) != priced.points_spent:
        walk.say("/points_spent", "sum", "not the sum of the uses")
    paid = _money_due(walk, max(0, facts.balance - cost))
    if priced.points_spent != goods_points + cost + sum([points for points, _ in paid.values()]):
        walk.say("/points_spent", "points", "not the points that goods, plan and money take")
    if {n: u.paid_minor for n, u in uses.items() if u.paid_minor} != {n: m for n, (_, m) in paid.items()}:
        walk.say("/points", "points", "not the money that the points pay")
    for place, o in enumerate(priced.outcomes):
        stored = facts.kinds[o.unit_class].stored_value
        if o.points_paid_minor > o.net_minor or (stored and (o.points_paid_minor or o.points_earned)):
            walk.say(f"/outcomes/{place}", "points", "points pay more than the net, or stored value")
    if priced.points_earned != earned_due(walk):
        walk.say("/points_earned", "points", f"{earned_due(walk)} points are earned")


def _money_due(walk: Walk, balance: int) -> dict[str, tuple[int, int]]:
    """Promotion → (points, money)."""
    facts = walk.facts
    payable = [o for o in walk.priced.outcomes if not facts.kinds[o.unit_class].stored_value]
    goods = sum([o.net_minor * o.count for o in payable])
    paid = 0
    found: dict[str, tuple[int, int]] = {}
    for rule in facts.rules.points_rules:
        benefit: Any = rule.promotion.benefit
        asked = facts.asked.get(rule.promotion.id, 0)
        if (
            rule.kind != "points_redeem"
            or not asked
            or not facts.usable(rule)
            or not walk.conditions_hold(rule)
        ):
            continue
        worth = sum([o.net_minor * o.count for o in payable if rule.select in facts.fits[o.unit_class]])
        most = min(goods - paid, worth * benefit.max_share_ppm // PPM)
        times = min(min(asked, balance) // benefit.points, most // benefit.amount_minor)
        if times < 1 or times * benefit.points < benefit.min_points:
            continue
        found[rule.promotion.id] = (times * benefit.points, times * benefit.amount_minor)
        balance -= times * benefit.points
        paid += times * benefit.amount_minor
    return found


def earned_due(walk: Walk) -> int:
    """Points of all earning rules, from the nets and the points paid that the outcomes state."""
    facts: Facts = walk.facts
    if facts.question.member is None:
        return 0
    rules = [r for r in facts.rules.points_rules if facts.usable(r)]
    factors = [r for r in rules if r.kind == "points_multiply" and walk.conditions_hold(r)]
    total = 0
    best: dict[str, int] = {}
    for rule in rules:
        benefit: Any = rule.promotion.benefit
        if rule.kind != "points_earn" or not walk.conditions_hold(rule):
            continue
        weight = units = 0
        for i, o in enumerate(walk.priced.outcomes):
            if not facts.kinds[o.unit_class].counts or not walk.fits(rule.select, i):
                continue
            units += o.count
            factor = PPM
            for f in factors:
                multiplier: Any = f.promotion.benefit
                if multiplier.multiplier_ppm > factor and walk.fits(f.select, i):
                    factor = multiplier.multiplier_ppm
            net = o.net_minor - (o.points_paid_minor if benefit.earn_on == "paid" else 0)
            weight += factor * o.count * (net if benefit.per_amount_minor else 1)
        per = benefit.per_amount_minor or benefit.per_units
        points = divide(weight * benefit.points, per * PPM, benefit.rounding) if per else benefit.points
        points = points if units else 0
        if rule.stack.mode == "best":
            best[rule.stack.group] = max(points, best.get(rule.stack.group, 0))
        else:
            total += points
    return total + sum(best.values())
