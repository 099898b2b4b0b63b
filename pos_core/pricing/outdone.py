"""Plain amounts off the basket that differ in nothing but what they ask and give, and those always outdone.

Of two amounts off the basket of which only one may be used, with everything else alike, the one that asks for
no more and gives no less is never the worse choice: no basket needs to look at the other. Which of the rest a
basket looks at is said by `amounts.py`. docs/promotions.md, "Ways of searching".
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Container, Iterable, Sequence
from typing import NamedTuple

from pos_core.pricing.benefit_basket import BasketAmount
from pos_core.pricing.compiled_rule import CompiledPromotion

Amount = tuple[int, int, int]
"""(asks, gives, number of the promotion), minor units."""


class Alike(NamedTuple):
    """Plain amounts off the basket of one group with one scope over one selection, asked by one measure.

    Attributes:
        any: one of them, for what they have in common.
        amounts: in the order of their ids.
    """

    any: CompiledPromotion
    amounts: tuple[Amount, ...]


def alike_among(promotions: Sequence[CompiledPromotion]) -> list[Alike]:
    """The plain amounts of a release, those that are outdone too. `promotions`: sorted by id."""
    named = {name for p in promotions for name in p.stack.combines_with or ()}
    alike: dict[object, list[Amount]] = {}
    first: dict[object, CompiledPromotion] = {}
    for p in promotions:
        if p.rule.id not in named and _is_plain(p):
            benefit = p.rule.benefit
            assert isinstance(benefit, BasketAmount)
            condition = p.conditions[0] if p.conditions else None
            asked = (condition.select, condition.basis) if condition else None
            least = condition.min_amount_minor if condition else 0
            key = (p.stack, p.scope_number, p.select, asked)
            first.setdefault(key, p)
            alike.setdefault(key, []).append((least, benefit.amount_minor or 0, p.number))
    return [Alike(first[key], tuple(amounts)) for key, amounts in alike.items()]


def outdone_among(alike: Iterable[Alike]) -> frozenset[int]:
    """Numbers of those that an earlier one outdoes wherever they act: exact ties go to the earlier id."""
    return frozenset(number for each in alike for number in _below(each.amounts))


def to_choose_from(alike: Iterable[Alike], outdone: Container[int], sale: Container[int]) -> list[Alike]:
    """Those that no other one outdoes, where what they measure changes by what is taken off it only."""
    found: list[Alike] = []
    for any_, amounts in alike:
        measured = [any_.select, *[condition.select for condition in any_.conditions]]
        if any_.stack.combines_with is None and not any(select in sale for select in measured):
            found.append(Alike(any_, tuple([amount for amount in amounts if amount[2] not in outdone])))
    return found


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


def _below(entries: Iterable[Amount]) -> list[int]:
    """Of (asks, gives, number): those for which one before asks no more and gives no less."""
    asks: list[int] = []
    gives: list[int] = []  # rising with `asks`: the steps that matter so far
    found: list[int] = []
    for least, amount, number in entries:
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
