"""The certificate: does the upper bound hold for *any* legal plan? Unit shares and parts, in linear time.

Every promotion that could be used must be covered: by a part at least as large as the most it can give, or by
the unit shares. For the shares, promotions fall into stacking groups of which a unit is in one application
each; for all groups but the main one the canonical share of a unit is set aside, and what is left must be
enough for every application of the main group. Source: docs/promotions.md 2.13.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from pos_core.pricing.benefit import EACH_KINDS
from pos_core.pricing.checker_facts import Facts, condition_holds, raw_each, value_of
from pos_core.pricing.checker_rules import CheckedRule
from pos_core.pricing.checker_walk import Walk
from pos_core.pricing.rounding import divide, rate_of
from pos_core.pricing.values import PPM

Ratio = tuple[int, int]
"""Numerator and denominator of a share: a fraction without its overhead."""


@dataclass(slots=True)
class Possible:
    """A promotion that may be used here: `units` it may discount, `share` of one unit of each of them."""

    rule: CheckedRule
    value: int
    units: list[int]
    share: dict[int, Ratio]


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


# --- what may be used at all ----------------------------------------------------------------------------


def _worth(facts: Facts, unit: int, basis: str) -> int:
    return facts.kinds[unit].list_minor if basis == "list" else facts.price[unit]


def _measured(facts: Facts, matcher: int, basis: str) -> list[tuple[str, int, int]]:
    """Measured at prices, which no net exceeds; sale goods are taken in, for the same reason."""
    return [
        (k.sku, _worth(facts, i, basis), k.units)
        for i, k in enumerate(facts.kinds)
        if k.counts and matcher in facts.fits[i] and _may_fit(facts, matcher, i)
    ]


def _may_fit(facts: Facts, matcher: int, unit: int) -> bool:
    reduced = facts.price[unit] < facts.kinds[unit].list_minor
    return not reduced or facts.rules.selections[matcher].sale_goods == "include"


def _step(facts: Facts, rule: CheckedRule) -> int | None:
    """The best value a ladder can reach; None: no step."""
    benefit: Any = rule.promotion.benefit
    ladder = getattr(benefit, "ladder", None)
    if ladder is None:
        return value_of(benefit)
    goods = _measured(facts, rule.ladder, "list" if rule.promotion.phase == "price" else ladder.basis)
    units, amount = sum([n for _, _, n in goods]), sum([w * n for _, w, n in goods])
    reached = [
        t.value
        for t in ladder.tiers
        if (units >= t.min_units if t.min_units else amount >= t.min_amount_minor)
    ]
    return reached[-1] if reached else None


def _possible(facts: Facts, rule: CheckedRule) -> bool:
    if not facts.usable(rule) or facts.uses_left(rule.promotion) == 0:
        return False
    if facts.budget_left(rule.promotion) == 0:
        return False
    in_prices = rule.promotion.phase == "price"
    return all(
        condition_holds(c, _measured(facts, matcher, "list" if in_prices else c.basis))
        for matcher, c in rule.conditions
    )


def _met(facts: Facts) -> Iterable[CheckedRule]:
    """The rules that the goods of this basket meet, in the order of their ids."""
    found: dict[str, CheckedRule] = {}
    for place in frozenset().union(*facts.fits) if facts.fits else ():
        for rule in facts.rules.by_place.get(place, ()):
            found[rule.promotion.id] = rule
    return [found[name] for name in sorted(found)]


def _pool(facts: Facts, rule: CheckedRule, matchers: Iterable[int]) -> list[int]:
    wanted = tuple(matchers)
    return [
        i
        for i, k in enumerate(facts.kinds)
        if k.receives and any(m in facts.fits[i] and _may_fit(facts, m, i) for m in wanted)
    ]


def _enough(facts: Facts, rule: CheckedRule, units: Sequence[int]) -> bool:
    """Whether the goods suffice for one group and any of them has room for a discount."""
    p = rule.promotion
    benefit: Any = p.benefit
    if not any(
        facts.capacity(u, facts.price[u], p) for u in range(len(facts.kinds)) if facts.kinds[u].receives
    ):
        return False
    for slot in rule.slots:
        if _units_of(facts, slot.matcher, counting=rule.get is not None) < slot.units:
            return False
    if rule.kind in EACH_KINDS or rule.slots:
        return bool(units)
    if not benefit.same_sku:
        return sum([facts.kinds[u].units for u in units]) >= int(benefit.units)
    by_sku: dict[str, int] = {}
    for u in units:
        by_sku[facts.kinds[u].sku] = by_sku.get(facts.kinds[u].sku, 0) + facts.kinds[u].units
    return max(by_sku.values(), default=0) >= int(benefit.units)


def _units_of(facts: Facts, matcher: int, *, counting: bool) -> int:
    return sum(
        [
            k.units
            for i, k in enumerate(facts.kinds)
            if (k.counts if counting else k.receives)
            and matcher in facts.fits[i]
            and _may_fit(facts, matcher, i)
        ]
    )


# --- the canonical share of a unit -------------------------------------------------------------------------


def _shares_of(facts: Facts, rule: CheckedRule, value: int) -> Possible:
    """Per unit, so that no application takes more than its members' shares together."""
    p, kind = rule.promotion, rule.kind
    benefit: Any = p.benefit
    if kind == "buy_get":
        assert rule.get is not None
        units = _pool(facts, rule, (rule.get.matcher,))
        reward = benefit.reward
        share = {u: (_full(facts, rule, reward, value_of(reward), u), 1) for u in units}
        return Possible(rule, value, units, share)
    units = _pool(facts, rule, [s.matcher for s in rule.slots] or [rule.select])
    size = sum([s.units for s in rule.slots]) or getattr(benefit, "units", 1)
    share = {}
    for u in units:
        if kind == "amount_progressive":
            each = facts.each(u, max(benefit.first_minor, benefit.additional_minor))
            share[u] = (min(each, facts.capacity(u, facts.price[u], p)), 1)
        elif kind in ("group_amount", "bundle_amount"):
            share[u] = (value, size)
        elif kind in ("group_price", "bundle_price"):
            share[u] = (max(0, facts.price[u] * size - value), size)
        elif kind.startswith("nth"):
            full = _full(facts, rule, benefit, value, u)
            averaged = benefit.pick == "cheapest" and not _uneven(facts, rule, units)
            share[u] = (full * benefit.discounted, size) if averaged else (full, 1)
        else:
            full = _full(facts, rule, benefit, value, u)
            share[u] = (min(full, facts.capacity(u, facts.price[u], p)), 1)
    return Possible(rule, value, units, share)


def _full(facts: Facts, rule: CheckedRule, benefit: Any, value: int, unit: int) -> int:
    """The raw share at the unit's price, no more than its room where it must stay on it."""
    full = _raw(facts, rule, benefit, value, unit)
    if rule.promotion.refund.spread == "benefiting":
        return min(full, facts.capacity(unit, facts.price[unit], rule.promotion))
    return full


def _raw(facts: Facts, rule: CheckedRule, benefit: Any, value: int, unit: int) -> int:
    """Rounded up where the rule rounds a sum."""
    if rule.promotion.rounding.at == "application" and "percent" in benefit.kind:
        base = getattr(benefit, "base", "running")
        amount = facts.kinds[unit].list_minor if base == "list" else facts.price[unit]
        return rate_of(amount, value, "up")
    return raw_each(facts, rule, benefit, value, unit, facts.price[unit])


def _uneven(facts: Facts, rule: CheckedRule, units: Sequence[int]) -> bool:
    """A price "each" of a weighed unit is its own: the cheapest then need not give the least."""
    return rule.kind == "nth_price" and any(facts.kinds[u].weighed for u in units)


# --- parts ----------------------------------------------------------------------------------------------------


def _check_parts(walk: Walk, parts: dict[str, int]) -> None:
    """Promotions that only a part can cover: basket, coupon, shipping, gifts."""
    facts = walk.facts
    groups: dict[str, tuple[int, str]] = {}
    rules = [r for r in _met(facts) if r.promotion.phase in ("basket", "coupon")]
    for rule in [*rules, *facts.rules.gift_rules, *facts.rules.shipping_rules]:
        if not _possible(facts, rule):
            continue
        most = most_of(facts, rule)
        if rule.stack.mode == "best":
            # One promotion of the group is used at most: the largest must be covered, by whichever part.
            known = groups.get(rule.stack.group, (0, ""))
            groups[rule.stack.group] = max(known, (most, rule.promotion.id))
        elif most > parts.get(rule.promotion.id, 0):
            walk.say("/certificate/parts", "not_covered", f"{rule.promotion.id!r} can give {most}")
    for group, (most, name) in groups.items():
        covered = [
            amount
            for promotion, amount in parts.items()
            if (r := facts.rules.rules.get(promotion)) and (r.stack.mode, r.stack.group) == ("best", group)
        ]
        if most > max(covered, default=0):
            walk.say("/certificate/parts", "not_covered", f"{name!r} can give {most}")


def most_of(facts: Facts, rule: CheckedRule) -> int:
    """The most a promotion can give in this basket."""
    p, kind = rule.promotion, rule.kind
    if p.phase == "shipping":
        most = _most_of_shipping(facts, rule)
    elif kind == "gift":
        most = _most_of_gifts(facts, rule)
    else:
        value = _step(facts, rule)
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


def _most_of_shipping(facts: Facts, rule: CheckedRule) -> int:
    benefit: Any = rule.promotion.benefit
    shipping = facts.question.shipping_minor
    if rule.kind == "shipping_percent":
        return rate_of(shipping, benefit.rate_ppm)
    if rule.kind == "shipping_amount":
        return min(shipping, int(benefit.amount_minor))
    return max(0, shipping - int(benefit.price_minor))


def _multiple(
    facts: Facts, rule: CheckedRule, per_units: int | None, per_amount: int | None, basis: str
) -> int:
    if not per_units and not per_amount:
        return 1
    goods = _measured(facts, rule.select, basis)
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
    units = _pool(facts, rule, (rule.select,))
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
    found = _shares_of(facts, rule, value)
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


# --- shares ---------------------------------------------------------------------------------------------------


def _check_shares(walk: Walk, shares: dict[int, int], parts: dict[str, int]) -> None:
    """Item promotions and optional prices that no part covers."""
    facts = walk.facts
    scale = walk.priced.certificate.scale
    groups: dict[tuple[str, str], list[Possible]] = {}
    exclusive: list[Possible] = []
    for rule in _met(facts):
        if rule.promotion.phase not in ("item", "price") or not _possible(facts, rule):
            continue
        value = _step(facts, rule)
        if value is None:
            continue
        name = rule.promotion.id
        if name in parts and parts[name] >= most_of(facts, rule):
            continue
        found = _shares_of(facts, rule, value)
        if not found.units or not _enough(facts, rule, found.units):
            continue
        mode = rule.stack.mode
        if mode == "exclusive":
            exclusive.append(found)
        else:
            group = rule.stack.group if mode in ("one_per_unit", "best") else name
            groups.setdefault((mode, group), []).append(found)
    offers = _offer_shares(facts)
    if not groups and not exclusive and not offers:
        return
    ones = [key for key in groups if key[0] == "one_per_unit"]
    main = min(ones, key=lambda key: (-len(groups[key]), key), default=min(groups, default=("", "")))
    rest = _set_aside(facts, groups, main, offers, shares, scale)
    for unit, left in rest.items():
        if left < 0:
            walk.say("/certificate/shares", "not_covered", f"class {unit} needs a larger share")
    for found in [*groups.get(main, ()), *exclusive]:
        own = rest if found.rule.stack.mode != "exclusive" else _without_offers(shares, offers, scale, facts)
        if not _dual_feasible(facts, found, own, scale):
            name = found.rule.promotion.id
            walk.say("/certificate/shares", "not_covered", f"{name!r} can take more than its units' shares")


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


# --- no application takes more than its members' shares ------------------------------------------------------


def _dual_feasible(facts: Facts, found: Possible, rest: dict[int, int], scale: int) -> bool:
    """The worst application against `rest`. Canonical shares always pass: that is looked at first."""
    if all(top * scale <= rest[unit] * below for unit, (top, below) in found.share.items()):
        return True
    rule = found.rule
    kind = rule.kind
    benefit: Any = rule.promotion.benefit
    if kind in ("group_price", "group_amount"):
        gain = facts.price if kind == "group_price" else [0] * len(facts.kinds)
        worst = _top(facts, [(gain[u] * scale - rest[u], u) for u in found.units], benefit.units)
        limit = found.value if kind == "group_price" else -found.value
        return worst is None or worst <= limit * scale
    if kind in ("bundle_price", "bundle_amount"):
        gain = facts.price if kind == "bundle_price" else [0] * len(facts.kinds)
        total = 0
        for slot in rule.slots:
            pool = [u for u in found.units if slot.matcher in facts.fits[u]]
            if not pool:
                return True
            total += slot.units * max(gain[u] * scale - rest[u] for u in pool)
        limit = found.value if kind == "bundle_price" else -found.value
        return total <= limit * scale
    if kind.startswith("nth") and found.share and not _uneven(facts, rule, found.units):
        return _nth_feasible(facts, found, rest, scale)
    if kind == "buy_get":
        return _buy_get_feasible(facts, found, rest, scale)
    return False


def _top(facts: Facts, gains: list[tuple[int, int]], units: int) -> int | None:
    """The largest sum over `units` units; None: there are not so many."""
    gains.sort(reverse=True)
    total = 0
    for gain, unit in gains:
        n = min(units, facts.kinds[unit].units)
        total += n * gain
        units -= n
        if not units:
            return total
    return None


def _nth_feasible(facts: Facts, found: Possible, rest: dict[int, int], scale: int) -> bool:
    """The discounted are the cheapest (dearest) of the group: every border between them and the others."""
    rule = found.rule
    benefit: Any = rule.promotion.benefit
    full = {u: _full(facts, rule, benefit, found.value, u) for u in found.units}
    inner = {u: full[u] * scale - rest[u] for u in found.units}
    outer = {u: -rest[u] for u in found.units}
    sign = 1 if benefit.pick == "cheapest" else -1
    sizes = [(outer, benefit.units - benefit.discounted)]
    worst = _worst_border(facts, inner, benefit.discounted, sizes, sign)
    return worst is None or worst <= 0


def _buy_get_feasible(facts: Facts, found: Possible, rest: dict[int, int], scale: int) -> bool:
    rule = found.rule
    benefit: Any = rule.promotion.benefit
    assert rule.get is not None
    inner = {u: top * scale - rest[u] for u, (top, _) in found.share.items()}
    outer = [
        (
            {
                u: -rest[u]
                for u, k in enumerate(facts.kinds)
                if k.counts and slot.matcher in facts.fits[u] and _may_fit(facts, slot.matcher, u)
            },
            slot.units,
        )
        for slot in rule.slots
    ]
    for units in range(1 if benefit.partial else rule.get.units, rule.get.units + 1):
        if benefit.pick == "cheapest" and not _uneven_get(facts, rule):
            worst = _worst_border(facts, inner, units, outer, 1)
        else:
            worst = _worst(facts, inner, units, outer)
        if worst is not None and worst > 0:
            return False
    return True


def _uneven_get(facts: Facts, rule: CheckedRule) -> bool:
    benefit: Any = rule.promotion.benefit
    return benefit.reward.kind != "percent" and any(k.weighed for k in facts.kinds)


Gains = dict[int, int]


def _worst(facts: Facts, inner: Gains, units: int, outer: Sequence[tuple[Gains, int]]) -> int | None:
    """The most that `units` of `inner` and every group of `outer` make; None: not so many units."""
    total = 0
    for gains, size in ((inner, units), *outer):
        top = _top(facts, [(gain, u) for u, gain in gains.items()], size) if size else 0
        if top is None:
            return None
        total += top
    return total


def _worst_border(
    facts: Facts, inner: Gains, units: int, outer: Sequence[tuple[Gains, int]], sign: int
) -> int | None:
    """As `_worst`, with no unit of `inner` dearer (sign −1: cheaper) than one of `outer`.

    A border runs through a price: below it stands the inner side, above it the outer. The units of a price are
    split where they are one class; where several classes have one price both sides may use them all, which
    only makes the test stricter.
    """
    price = {u: sign * facts.price[u] for u in {*inner, *(u for gains, _ in outer for u in gains)}}
    worst: int | None = None
    for level in sorted(set(price.values())):
        at = [u for u in price if price[u] == level]
        count = facts.kinds[at[0]].units
        splits = range(min(count, units) + 1) if len(at) == 1 and units <= 100 else (None,)
        for taken in splits:
            inside = {u: g for u, g in inner.items() if price[u] <= level}
            outside = [({u: g for u, g in gains.items() if price[u] >= level}, n) for gains, n in outer]
            limits = None if taken is None else (at[0], taken, count - taken)
            found = _worst_limited(facts, inside, units, outside, limits)
            if found is not None and (worst is None or found > worst):
                worst = found
    return worst


def _worst_limited(
    facts: Facts,
    inner: Gains,
    units: int,
    outer: Sequence[tuple[Gains, int]],
    limits: tuple[int, int, int] | None,
) -> int | None:
    """`limits`: (class, units of it for the inner side, units of it for the outer)."""
    total = 0
    for place, (gains, size) in enumerate(((inner, units), *outer)):
        left = size
        for gain, unit in sorted([(g, u) for u, g in gains.items()], reverse=True):
            have = facts.kinds[unit].units
            if limits is not None and unit == limits[0]:
                have = limits[2] if place else limits[1]
            n = min(left, have)
            total += n * gain
            left -= n
        if left:
            return None
    return total
