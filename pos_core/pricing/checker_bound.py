"""The certificate: does the upper bound hold for *any* legal plan? Unit shares and parts, in linear time.

Every promotion that could be used must be covered: by a part at least as large as the most it can give, or by
the unit shares. For the shares, promotions fall into stacking groups of which a unit is in one application
each; for all groups but the main one the canonical share of a unit is set aside, and what is left must be
enough for every application of the main group. Source: docs/promotions.md 2.13.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from pos_core.pricing.benefit_each import EACH_KINDS
from pos_core.pricing.checker_amounts import shipping_due
from pos_core.pricing.checker_dual import dual_feasible
from pos_core.pricing.checker_facts import Facts
from pos_core.pricing.checker_possible import (
    Possible,
    Ratio,
    is_enough,
    is_possible,
    measured_at_prices,
    pool_of,
    rules_met,
    shares_of,
    step_at_prices,
)
from pos_core.pricing.checker_rules import CheckedRule
from pos_core.pricing.checker_walk import Walk
from pos_core.pricing.rounding import divide
from pos_core.pricing.values import PPM


def check_certificate(walk: Walk) -> None:
    """The formula, the proof fields, and that everything possible is covered."""
    facts, priced = walk.facts, walk.priced
    certificate = priced.certificate
    shares = {s.unit_class: s.share_scaled for s in certificate.shares}
    parts = {p.promotion_id: p.amount_minor for p in certificate.parts}
    if len(shares) < len(certificate.shares) or len(parts) < len(certificate.parts):
        walk.say("/certificate", "doubled", "a class or a promotion stands twice")
    if any(c >= len(facts.kinds) for c in shares):
        walk.say("/certificate/shares", "number", "a class that is not there")
        return
    total = sum([facts.kinds[c].units * s for c, s in shares.items()])
    bound = total // certificate.scale + sum(parts.values())
    value = priced.price_minor - priced.goods_net_minor
    value += facts.question.shipping_minor - priced.shipping.net_minor
    if bound != certificate.upper_bound_minor:
        walk.say("/certificate/upper_bound_minor", "sum", f"shares and parts make {bound}")
    if value > bound:
        walk.say("/certificate/upper_bound_minor", "bound", f"{value} were saved, more than the bound")
    if (priced.proof == "exact") != (priced.gap_minor == 0):
        walk.say("/gap_minor", "proof", "exact means no gap, a bound has one")
    _check_parts(walk, parts)
    _check_shares(walk, shares, parts)


# --- parts -----------------------------------------------------------------------------------------------


def _check_parts(walk: Walk, parts: dict[str, int]) -> None:
    """Promotions that only a part can cover: basket, coupon, shipping, gifts."""
    facts = walk.facts
    groups: dict[str, tuple[int, str]] = {}
    rules = [r for r in rules_met(facts) if r.promotion.phase in ("basket", "coupon")]
    for rule in [*rules, *facts.rules.gift_rules, *facts.rules.shipping_rules]:
        if not is_possible(facts, rule):
            continue
        most = most_of(facts, rule)
        if rule.stack.mode == "best":
            # One promotion of the group is used at most: the largest must be covered, by whichever part.
            known = groups.get(rule.stack.group, (0, ""))
            groups[rule.stack.group] = max(known, (most, rule.promotion.id))
        elif most > parts.get(rule.promotion.id, 0):
            walk.say("/certificate/parts", "not_covered", f"{rule.promotion.id!r} can give {most}")
    for group, (most, name) in groups.items():
        if most > max(_parts_of_group(facts, group, parts), default=0):
            walk.say("/certificate/parts", "not_covered", f"{name!r} can give {most}")


def _parts_of_group(facts: Facts, group: str, parts: dict[str, int]) -> list[int]:
    """The parts of a `best` group; one promotion of it is used at most, so each covers all of them."""
    return [
        amount
        for promotion, amount in parts.items()
        if (r := facts.rules.rules.get(promotion)) and (r.stack.mode, r.stack.group) == ("best", group)
    ]


def _part_for(facts: Facts, rule: CheckedRule, parts: dict[str, int]) -> int | None:
    """The part that stands for this promotion: its own, of a `best` group the largest of the group."""
    if rule.stack.mode == "best":
        return max(_parts_of_group(facts, rule.stack.group, parts), default=None)
    return parts.get(rule.promotion.id)


def most_of(facts: Facts, rule: CheckedRule) -> int:
    """The most a promotion can give in this basket."""
    p, kind = rule.promotion, rule.kind
    if p.phase == "shipping":
        most = shipping_due(rule, facts.question.shipping_minor)
    elif kind == "gift":
        most = _most_of_gifts(facts, rule)
    else:
        value = step_at_prices(facts, rule)
        if value is None:
            return 0
        if kind.startswith("basket"):
            most = _most_of_basket(facts, rule, value)
        else:
            most = _most_of_units(facts, rule, value)
    if p.cap_minor is not None:
        most = min(most, p.cap_minor * _applications(facts, rule))
    left = facts.budget_left(p)
    return most if left is None else min(most, left)


def _applications(facts: Facts, rule: CheckedRule) -> int:
    """How many applications there may be."""
    p = rule.promotion
    if rule.whole or rule.kind in EACH_KINDS:
        return 1
    found = sum([k.units for k in facts.kinds])
    if p.repeat:
        found = min(found, p.repeat)
    left = facts.uses_left(p)
    if left is not None and p.limits.count_by == "application":
        found = min(found, left)
    return found


def _multiple(
    facts: Facts, rule: CheckedRule, per_units: int | None, per_amount: int | None, basis: str
) -> int:
    if not per_units and not per_amount:
        return 1
    goods = measured_at_prices(facts, rule.select, basis)
    if per_units:
        found = sum([n for _, _, n in goods]) // per_units
    else:
        found = sum([w * n for _, w, n in goods]) // (per_amount or 1)
    return min(found, rule.promotion.repeat) if rule.promotion.repeat else found


def _most_of_gifts(facts: Facts, rule: CheckedRule) -> int:
    benefit: Any = rule.promotion.benefit
    left = benefit.units * _multiple(facts, rule, benefit.per_units, benefit.per_amount_minor, benefit.basis)
    most = 0
    gifts = [i for i, k in enumerate(facts.kinds) if k.gift and rule.gifts in facts.fits[i]]
    for i in sorted(gifts, key=lambda i: -facts.price[i]):
        n = min(left, facts.kinds[i].units)
        most += n * facts.price[i]
        left -= n
    return most


def _most_of_basket(facts: Facts, rule: CheckedRule, value: int) -> int:
    p = rule.promotion
    benefit: Any = p.benefit
    units = pool_of(facts, (rule.select,))
    rooms = sum([facts.capacity(u, facts.price[u], p) * facts.kinds[u].units for u in units])
    prices = sum([facts.price[u] * facts.kinds[u].units for u in units])
    if rule.kind == "basket_percent":
        listed = sum([facts.kinds[u].list_minor * facts.kinds[u].units for u in units])
        most = divide((listed if benefit.base == "list" else prices) * value, PPM, rule.mode)
    elif rule.kind == "basket_price":
        most = max(0, prices - value)
    else:
        most = value * _multiple(facts, rule, benefit.every_units, benefit.every_minor, benefit.basis)
    return min(most, rooms)


def _most_of_units(facts: Facts, rule: CheckedRule, value: int) -> int:
    """Σ of the largest shares of as many units as it can touch."""
    found = shares_of(facts, rule, value)
    benefit: Any = rule.promotion.benefit
    left = sum([facts.kinds[u].units for u in found.units])
    if rule.kind not in EACH_KINDS:
        size = sum([s.units for s in rule.slots]) or getattr(benefit, "units", 1)
        if rule.get is not None:
            size = rule.get.units
        left = min(left, size * _applications(facts, rule))
    elif getattr(benefit, "max_units", None) is not None and not getattr(benefit, "per_threshold", False):
        left = min(left, benefit.max_units)
    most = Fraction(0)
    for u in sorted(found.units, key=lambda u: -Fraction(*found.share[u])):
        n = min(left, facts.kinds[u].units)
        most += n * Fraction(*found.share[u])
        left -= n
    return int(most)


# --- shares ----------------------------------------------------------------------------------------------


def _check_shares(walk: Walk, shares: dict[int, int], parts: dict[str, int]) -> None:
    """Item promotions and optional prices that no part covers."""
    facts = walk.facts
    scale = walk.priced.certificate.scale
    possible, beside = _by_shares(facts, parts)
    groups, exclusive = _grouped(possible)
    offers = _offer_shares(facts)
    if not groups and not exclusive and not offers:
        return
    ones = [key for key in groups if key[0] == "one_per_unit"]
    main = min(ones, key=lambda key: (-len(groups[key]), key), default=min(groups, default=("", "")))
    rest = _set_aside(facts, groups, main, offers, shares, scale)
    for unit, left in rest.items():
        if left < 0:
            walk.say("/certificate/shares", "not_covered", f"class {unit} needs a larger share")
    alone = _without_offers(shares, offers, scale, facts)
    fresh = not offers and not beside
    for found in [*groups.get(main, ()), *exclusive]:
        by_itself = found in exclusive
        own, first = (alone, fresh) if by_itself else (rest, fresh and len(groups) == 1)
        if not dual_feasible(facts, found, own, scale, fresh=first):
            name = found.rule.promotion.id
            walk.say("/certificate/shares", "not_covered", f"{name!r} can take more than its units' shares")


def _by_shares(facts: Facts, parts: dict[str, int]) -> tuple[list[Possible], bool]:
    """Possible item promotions and optional prices without a part, and whether there are any with one."""
    found: list[Possible] = []
    beside = False
    for rule in rules_met(facts):
        if rule.promotion.phase not in ("item", "price") or not is_possible(facts, rule):
            continue
        value = step_at_prices(facts, rule)
        if value is None:
            continue
        part = _part_for(facts, rule, parts)
        if part is not None and part >= most_of(facts, rule):
            beside = True
            continue
        possible = shares_of(facts, rule, value)
        if possible.units and is_enough(facts, rule, possible.units):
            found.append(possible)
    return found, beside


def _grouped(possible: list[Possible]) -> tuple[dict[tuple[str, str], list[Possible]], list[Possible]]:
    """By stacking group; beside them the exclusive ones that no other choice meets on a unit.

    Beyond units `exclusive` keeps the phases from item on apart, or its own: an optional price and an
    exclusive item promotion add up.
    """
    prices = any(found.rule.promotion.phase == "price" for found in possible)
    groups: dict[tuple[str, str], list[Possible]] = {}
    exclusive: list[Possible] = []
    for found in possible:
        stack = found.rule.stack
        if stack.mode == "exclusive" and (stack.extent == "unit" or not prices):
            exclusive.append(found)
        else:
            grouped = stack.mode in ("one_per_unit", "best")
            name = stack.group if grouped else found.rule.promotion.id
            groups.setdefault((stack.mode, name), []).append(found)
    return groups, exclusive


def _offer_shares(facts: Facts) -> dict[int, int]:
    """What optional offers can take from a unit: the sum over the sources, for each may be taken once."""
    found: dict[int, int] = {}
    for i, kind in enumerate(facts.kinds):
        if not kind.receives:
            continue
        by_source: dict[str, int] = {}
        for price, source, optional in kind.offers:
            if optional:
                by_source[source] = max(by_source.get(source, 0), facts.price[i] - price)
        if total := sum([less for less in by_source.values() if less > 0]):
            found[i] = total
    return found


def _without_offers(
    shares: dict[int, int], offers: dict[int, int], scale: int, facts: Facts
) -> dict[int, int]:
    return {i: shares.get(i, 0) - offers.get(i, 0) * scale for i in range(len(facts.kinds))}


def _set_aside(
    facts: Facts,
    groups: dict[tuple[str, str], list[Possible]],
    main: tuple[str, str],
    offers: dict[int, int],
    shares: dict[int, int],
    scale: int,
) -> dict[int, int]:
    """Scaled shares that are left for the main group; a sum of fractions is rounded up once."""
    rest = _without_offers(shares, offers, scale, facts)
    aside: dict[int, list[Ratio]] = {}
    for key, members in groups.items():
        if key == main:
            continue
        largest: dict[int, Ratio] = {}
        for found in members:
            for unit, (top, below) in found.share.items():
                known = largest.get(unit, (0, 1))
                if top * known[1] > known[0] * below:
                    largest[unit] = (top, below)
        for unit, ratio in largest.items():
            aside.setdefault(unit, []).append(ratio)
    for unit, ratios in aside.items():
        exact = sum((Fraction(*ratio) for ratio in ratios), Fraction(0)) * scale
        rest[unit] -= -(-exact.numerator // exact.denominator)
    return rest
