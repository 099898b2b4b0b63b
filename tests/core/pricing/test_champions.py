"""Of the plain percentages only the best of each unit is looked at, and no answer shows it."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
from hypothesis import given

from pos_core.pricing.basket import PricingInput
from pos_core.pricing.codec import encode_bytes
from pos_core.pricing.compiled import RuleSet, compile_rules
from pos_core.pricing.engine import price_basket
from pos_core.pricing.explain_facts import Facts
from pos_core.pricing.load import load_basket
from pos_core.pricing.offer import Offer
from pos_core.pricing.offers import _Look
from pos_core.pricing.rule import PromotionSet
from tests.core.pricing.build import basket, line, price, rule, rules
from tests.core.pricing.campaign import campaign
from tests.core.pricing.strategies import questions

SKUS = ("a", "b", "c", "d")


def _off(id_: str, rate: int, skus: str, **more: Any) -> dict[str, Any]:
    return rule(id_, "item", "percent_each", rate_ppm=rate, skus=skus, **more)


def _looking_at_all(question: PricingInput, release: RuleSet) -> bytes:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_Look, "at_champions", _Look.at_the_plain)
        return encode_bytes(price_basket(question, release))


def _random_release(random: Random) -> RuleSet:
    made = []
    for n in range(random.randrange(2, 14)):
        more: dict[str, Any] = {}
        if random.random() < 0.3:
            more["conditions"] = [{"min_amount_minor": random.choice([100, 900, 1500]), "basis": "price"}]
        if random.random() < 0.2:
            more["scope"] = {"channels": [random.choice(["pos", "web"])]}
        if random.random() < 0.1:
            more["floor"] = {"unit_min_minor": 300}
        if random.random() < 0.1:
            more["stack"] = {"mode": "one_per_unit", "group": "other"}
        skus = " ".join(random.sample(SKUS, random.randrange(1, 4)))
        made.append(_off(f"p{n:02}", random.choice([50_000, 50_001, 100_000, 200_000]), skus, **more))
    if random.random() < 0.6:
        units = random.choice([2, 3])
        made.append(rule("m", "item", "nth_percent", units=units, rate_ppm=500_000, skus="a b c"))
    if random.random() < 0.7:
        tiers = [{"min_amount_minor": 1000 + 500 * n, "value": 90 + 150 * n} for n in range(4)]
        made.append(rule("l", "basket", "basket_amount", ladder={"tiers": tiers}))
    return rules(*made)


def test_answers_are_those_of_a_search_that_looks_at_every_percentage() -> None:
    random = Random(11)
    for _ in range(400):
        release = _random_release(random)
        lines = []
        for sku in random.sample(SKUS, random.randrange(1, 5)):
            least = random.choice([0, 0, 0, 95])
            worth = random.randrange(1, 900)
            lines.append(line(sku, worth, random.choice([1, 1, 2]), floor_minor=worth * least // 100))
        question = load_basket(basket(*lines))
        assert encode_bytes(price_basket(question, release)) == _looking_at_all(question, release)


@campaign(150)
@given(questions(units=9, rules=8))
def test_answers_of_every_kind_are_those_too(asked: tuple[PricingInput, PromotionSet]) -> None:
    question, release = asked[0], compile_rules(asked[1])
    assert encode_bytes(price_basket(question, release)) == _looking_at_all(question, release)


def test_a_ladder_gets_the_lesser_percentage_that_it_needs() -> None:
    """10 % leaves 900, which misses the step at 950; 5 % leaves 950 and 200 come off."""
    step = {"tiers": [{"min_amount_minor": 950, "value": 200}]}
    result = price(
        basket(line("a", 1000)),
        _off("five", 50_000, "a"),
        _off("ten", 100_000, "a"),
        rule("l", "basket", "basket_amount", ladder=step),
    )
    assert (result.payable_minor, result.proof) == (750, "exact")
    assert [a.promotion_id for a in result.applications] == ["five", "l"]


def test_of_percentages_that_give_as_much_the_first_in_order_is_used() -> None:
    """Half up, 5 % and 5.0001 % of 9.99 are the same; a floor makes 20 % and 10 % the same."""
    made = [_off("b", 50_001, "a"), _off("a", 50_000, "a")]
    assert [a.promotion_id for a in price(basket(line("a", 999)), *made).applications] == ["a"]
    made = [_off("z", 200_000, "a"), _off("y", 100_000, "a")]
    kept = basket(line("a", 1000, floor_minor=950))
    assert [a.promotion_id for a in price(kept, *made).applications] == ["y"]


def test_a_percentage_whose_condition_fails_gives_way_to_the_next() -> None:
    made = [
        _off("best", 300_000, "a", conditions=[{"min_amount_minor": 5000, "basis": "price"}]),
        _off("web", 200_000, "a", scope={"channels": ["web"]}),
        _off("last", 100_000, "a"),
    ]
    result = price(basket(line("a", 1000)), *made)
    assert [a.promotion_id for a in result.applications] == ["last"]


def test_a_thousand_percentages_on_one_item_are_one(monkeypatch: pytest.MonkeyPatch) -> None:
    made = 0
    before = Offer.__init__

    def counted(*args: Any) -> None:
        nonlocal made
        made += 1
        before(*args)

    monkeypatch.setattr(Offer, "__init__", counted)
    result = price(
        basket(line("a", 100_000, 2)), *[_off(f"p{n:04}", 1_000 + 100 * n, "a") for n in range(1_000)]
    )
    assert [a.promotion_id for a in result.applications] == ["p0999"]
    assert made == 1


def test_whoever_wants_to_speak_of_all_gets_all() -> None:
    question = load_basket(basket(line("a", 1000)))
    release = rules(_off("five", 50_000, "a"), _off("ten", 100_000, "a"))
    facts = Facts(question, release, price_basket(question, release))
    assert sorted(facts.by_id) == ["five", "ten"]
