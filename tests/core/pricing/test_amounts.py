"""Of plain amounts off the basket only those that may be the best are looked at, and no answer shows it."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
from hypothesis import given

from pos_core.pricing.basket import PricingInput
from pos_core.pricing.codec import encode_bytes
from pos_core.pricing.compiled import RuleSet, compile_rules
from pos_core.pricing.engine import carried_out, price_basket
from pos_core.pricing.goods import want
from pos_core.pricing.load import load_basket
from pos_core.pricing.offer import BASKET
from pos_core.pricing.offers import Offers, _Look, one_at_the_end
from pos_core.pricing.rule import PromotionSet
from tests.core.pricing.build import basket, line, rule, rules
from tests.core.pricing.campaign import campaign
from tests.core.pricing.strategies import questions

SKUS = ("a", "b", "c", "d")


def _off(id_: str, least: int, amount: int, **more: Any) -> dict[str, Any]:
    conditions = [{"min_amount_minor": least, **more.pop("asked", {})}]
    return rule(id_, "basket", "basket_amount", amount_minor=amount, conditions=conditions, **more)


def _all_of_them(look: _Look, found: Offers) -> None:
    """All that are reached, but for those that a promotion of the release outdoes in any basket."""
    rules = look.goods.rules
    want(look.goods, rules.stated)
    numbers = [number for number in look.goods.wanted if number in rules.amounts]
    look.at([number for number in numbers if number not in rules.outdone])
    if not one_at_the_end(found.offers, set()):
        look.at([number for number in numbers if number in rules.outdone])


def _looking_at_all(question: PricingInput, release: RuleSet) -> bytes:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_Look, "at_amounts", _all_of_them)
        return encode_bytes(price_basket(question, release))


def _odd(random: Random) -> dict[str, Any]:
    """What makes an amount one that is not like the others; nearly always nothing."""
    kind = random.random()
    if kind < 0.05:
        return {"skus": "a b c"}
    if kind < 0.1:
        return {"stack": {"mode": random.choice(["best", "stack", "exclusive"]), "group": "other"}}
    if kind < 0.13:
        return {"floor": {"unit_min_minor": 100}}
    if kind < 0.2:
        return {"asked": {"basis": random.choice(["running", "price", "list"])}}
    return {"scope": {"channels": ["web"]}} if kind < 0.22 else {}


def _random_release(random: Random) -> RuleSet:
    made = []
    for n in range(random.randrange(2, 9)):
        amount = random.choice([10, 50, 100, random.randrange(1, 900), 5000])
        made.append(_off(f"b{n}", random.randrange(1, 4000), amount, **_odd(random)))
    for n in range(random.randrange(5)):
        skus = " ".join(random.sample(SKUS, 2))
        if random.random() < 0.6:
            rate = random.choice([50_000, 100_000, 333_333])
            made.append(rule(f"p{n}", "item", "percent_each", rate_ppm=rate, skus=skus))
        else:
            made.append(rule(f"m{n}", "item", "nth_percent", units=2, rate_ppm=1_000_000, skus=skus))
    if random.random() < 0.15:
        asked = [{"min_amount_minor": random.randrange(100, 2000)}]
        made.append(rule("z", "coupon", "basket_amount", amount_minor=70, conditions=asked))
    return rules(*made)


def _random_basket(random: Random) -> PricingInput:
    lines = []
    for sku in random.sample(SKUS, random.randrange(1, 5)):
        worth, share = random.randrange(1, 900), random.choice([0, 0, 0, 50, 95, 100])
        lines.append(line(sku, worth, random.choice([1, 2, 4]), floor_minor=worth * share // 100))
    return load_basket(basket(*lines))


def test_answers_are_those_of_a_search_that_looks_at_every_amount() -> None:
    random = Random(12)
    left_out = 0
    for _ in range(300):
        release, question = _random_release(random), _random_basket(random)
        look = carried_out(question, release, 1_000, None).found.look
        left_out += len(look.left_out) if look is not None else 0
        assert encode_bytes(price_basket(question, release)) == _looking_at_all(question, release)
    assert left_out > 20


@campaign(80)
@given(questions(units=6, rules=6))
def test_answers_of_every_kind_are_those_too(asked: tuple[PricingInput, PromotionSet]) -> None:
    question, release = asked[0], compile_rules(asked[1])
    assert encode_bytes(price_basket(question, release)) == _looking_at_all(question, release)


def _used_and_looked_at(release: RuleSet, **lines: int) -> tuple[list[str], list[str]]:
    question = load_basket(basket(*[line(sku, worth) for sku, worth in lines.items()]))
    done = carried_out(question, release, 1_000, None)
    looked_at = [offer.id for offer in done.found.offers if offer.phase == BASKET]
    return [step.offer.id for step in done.ledger.steps], looked_at


def test_what_is_reached_whatever_the_items_take_leaves_no_smaller_one_in_question() -> None:
    item = rule("p", "item", "percent_each", rate_ppm=100_000, skus="a")
    release = rules(
        item, _off("b1", 100, 10), _off("b2", 500, 30), _off("b3", 950, 40), _off("b4", 2000, 200)
    )
    # 1000 less at most 100: 500 is sure, 950 is not, 2000 is out of reach.
    assert _used_and_looked_at(release, a=1000) == (["p", "b2"], ["b2", "b3"])
    assert _used_and_looked_at(release, c=1000) == (["b3"], ["b3"])


def test_where_goods_have_no_room_the_first_of_equal_amounts_is_still_found() -> None:
    release = rules(_off("b1", 100, 500), _off("b2", 101, 700))
    assert _used_and_looked_at(release, a=300) == (["b1"], ["b1", "b2"])
