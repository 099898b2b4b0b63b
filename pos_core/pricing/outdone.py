"""Promotions that another one of the same release always outdoes: no basket needs to look at them.

Of two amounts off the basket of which only one may be used, with everything else alike, the one that asks for
no more and gives no less is never the worse choice. docs/promotions.md, "Ways of searching".
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence

from pos_core.pricing.benefit_basket import BasketAmount
from pos_core.pricing.compiled_rule import CompiledPromotion


def outdone_among(promotions: Sequence[CompiledPromotion]) -> frozenset[int]:
    """Numbers of the basket promotions that an earlier one outdoes wherever they act.

    `promotions`: sorted by id, which is how exact ties are broken, so only an earlier one counts.
    """
    named = {name for p in promotions for name in p.stack.combines_with or ()}
    alike: dict[object, list[tuple[int, int, int]]] = {}
    for p in promotions:
        if p.rule.id not in named and _is_plain(p):
            benefit = p.rule.benefit
            assert isinstance(benefit, BasketAmount)
            condition = p.conditions[0] if p.conditions else None
            asked = (condition.select, condition.basis) if condition else None
            least = condition.min_amount_minor if condition else 0
            key = (p.stack, p.scope_number, p.select, asked)
            alike.setdefault(key, []).append((p.number, least, benefit.amount_minor or 0))
    return frozenset(number for entries in alike.values() for number in _below(entries))


def _is_plain(p: CompiledPromotion) -> bool:
    """An amount once off the basket, one of a group, bounded by nothing but one amount condition."""
    rule, benefit = p.rule, p.rule.benefit
    if rule.phase != "basket" or not isinstance(benefit, BasketAmount) or not benefit.amount_minor:
        return False
    if benefit.every_minor or benefit.every_units or p.stack.mode != "best" or not p.stack.optional:
        return False
    if not p.free or rule.cap_minor is not None or rule.floor is not None or len(p.conditions) > 1:
        return False
    return not any(c.min_units or c.min_units_of_one_sku or c.min_distinct_skus for c in p.conditions)


def _below(entries: Iterable[tuple[int, int, int]]) -> list[int]:
    """Of (number, asks, gives): those for which one before asks no more and gives no less."""
    asks: list[int] = []
    gives: list[int] = []  # rising with `asks`: the steps that matter so far
    found: list[int] = []
    for number, least, amount in entries:
        place = bisect_right(asks, least)
        if place and gives[place - 1] >= amount:
            found.append(number)
            continue
        if place and asks[place - 1] == least:
            place -= 1
        last = place
        while last < len(asks) and gives[last] <= amount:
            last += 1
        asks[place:last] = [least]
        gives[place:last] = [amount]
    return found
