"""Groups and packings come complete, in one order, and the same whatever was looked at before."""

from __future__ import annotations

from itertools import combinations, product
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from pos_core.pricing.basket import PricingInput
from pos_core.pricing.compiled import compile_rules
from pos_core.pricing.coupons import CouponPurse
from pos_core.pricing.goods import Goods, goods_of
from pos_core.pricing.groups import Groups, Use
from pos_core.pricing.offer import Offer
from pos_core.pricing.offers import offers_of
from pos_core.pricing.packings import packings
from pos_core.pricing.rule import PromotionSet
from pos_core.pricing.scope import scope_context
from pos_core.pricing.standing import Unit
from tests.core.pricing.campaign import campaign
from tests.core.pricing.strategies import questions

MANY = 100_000
Counts = dict[Unit, int]


@st.composite
def packed(draw: st.DrawFn) -> tuple[list[Use], tuple[tuple[Unit, int], ...], int | None]:
    """Groups over a few units (some in two roles), how many units there are, how many groups may be used."""
    counts = draw(st.lists(st.integers(1, 5), min_size=1, max_size=4))
    units = tuple(((c, 100 - c, 100 - c, 0), count) for c, count in enumerate(counts))
    uses: list[Use] = []
    for _ in range(draw(st.integers(0, 6))):
        some = draw(st.lists(st.sampled_from(units), min_size=1, max_size=3, unique=True))
        roles = draw(st.sampled_from([("discounted",), ("buy", "get")]))
        members = tuple(
            (unit, role, draw(st.integers(1, 2)), ((1, 1),)) for unit, _ in some for role in roles
        )
        uses.append(Use(members, draw(st.integers(1, 4)), 0, False))
    return uses, units, draw(st.sampled_from([None, 0, 1, 2, 3]))


def fits(packing: list[tuple[Use, int]], there: Counts) -> bool:
    needed: Counts = {}
    for use, times in packing:
        for unit, count in use.needs().items():
            needed[unit] = needed.get(unit, 0) + count * times
    return all(count <= there[unit] for unit, count in needed.items())


@campaign(150)
@given(packed(), st.integers(1, 40))
def test_every_packing_once_the_dear_groups_first(given_: Any, most: int) -> None:
    uses, units, times = given_
    ordered = sorted(uses, key=lambda use: -use.amount)
    wanted = []
    for numbers in product(*[range(5, -1, -1)] * len(ordered)):
        packing = [(use, n) for use, n in zip(ordered, numbers, strict=True) if n]
        within = times is None or sum(numbers) <= times
        if within and fits(packing, dict(units)):
            wanted.append(tuple(packing))
    assert packings(uses, units, times, MANY) == (wanted, True)
    assert packings(uses, units, times, most) == (wanted[:most], len(wanted) <= most)


def standing(asked: tuple[PricingInput, PromotionSet]) -> tuple[Goods, list[Offer], Any]:
    question, release = asked
    rules = compile_rules(release)
    context = scope_context(question)
    goods = goods_of(question, rules, context)
    offers = offers_of(question, goods, context, CouponPurse(question).uses(), {}, 0).offers
    units = tuple(
        ((c, goods.price[c], goods.price[c], int(goods.reduced[c])), goods.units[c])
        for c in range(len(goods.price))
    )
    return goods, [offer for offer in offers if offer.slots], units


@campaign(80)
@given(questions(units=7, rules=5), st.lists(st.integers(1, 12), min_size=1, max_size=4))
def test_what_was_looked_at_before_changes_no_answer(
    asked: tuple[PricingInput, PromotionSet], looks: list[int]
) -> None:
    goods, offers, units = standing(asked)
    for offer in offers:
        again = Groups(goods, offer, units)
        for most in (*looks, MANY, *looks):
            assert again.look(most) == Groups(goods, offer, units).look(most)


@campaign(80)
@given(questions(units=6, rules=5))
def test_the_groups_of_one_slot_are_all_of_its_size(asked: tuple[PricingInput, PromotionSet]) -> None:
    """One for every multiset of units that fit, but those that give nothing or are not legal."""
    goods, offers, units = standing(asked)
    for offer in offers:
        if len(offer.slots) != 1:
            continue
        classes, size, _ = offer.slots[0]
        single = [unit for unit, count in units for _ in range(count) if unit[0] in classes]
        wanted = {tuple(chosen) for chosen in combinations(single, size)}
        found, looked, complete = Groups(goods, offer, units).look(MANY)
        assert complete and looked == len(wanted)
        made = {tuple(sorted(unit for unit, _, n, _ in use.members for _ in range(n))) for use in found}
        assert len(made) == len(found) and made <= {tuple(sorted(chosen)) for chosen in wanted}
