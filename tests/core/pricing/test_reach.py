"""A promotion that could not act alone changes nothing beside others."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from pos_core.pricing.basket import PricingInput
from pos_core.pricing.codec import encode
from pos_core.pricing.compiled import RuleSet, compile_rules
from pos_core.pricing.engine import price_basket
from pos_core.pricing.errors import InvalidPromotions
from pos_core.pricing.load import load_basket, load_promotions
from pos_core.pricing.reach import asked_alone, could_act
from pos_core.pricing.rule import Promotion, PromotionSet
from tests.core.pricing.build import basket, rules
from tests.core.pricing.campaign import campaign
from tests.core.pricing.strategies import questions


def _set(*promotions: Promotion) -> RuleSet:
    try:
        rows = [encode(each) for each in promotions]
        return compile_rules(load_promotions({"format": 1, "promotions": rows}))
    except InvalidPromotions:
        assume(False)
        raise


def _nets(question: PricingInput, rule_set: RuleSet) -> tuple[object, ...]:
    answer = price_basket(question, rule_set)
    return {line.line_id: line.net_minor for line in answer.lines}, answer.payable_minor


@campaign(40)
@given(questions(units=6, rules=6), st.integers(0, 5))
def test_what_could_not_act_alone_changes_nothing(
    asked: tuple[PricingInput, PromotionSet], which: int
) -> None:
    question, release = asked
    one = release.promotions[which % len(release.promotions)]
    assume(asked_alone(one) and not could_act(question, _set(one)))
    others = _set(*(each for each in release.promotions if each.id != one.id))
    assert _nets(question, others) == _nets(question, _set(*release.promotions))


TEN_OFF = {
    "id": "TEN", "name": "满100减10", "phase": "basket", "conditions": [{"min_amount_minor": 10_000}],
    "benefit": {"kind": "basket_amount", "amount_minor": 1000}, "stack": "one_promotion_per_item",
}  # fmt: skip


@pytest.mark.parametrize("minor,acts", [(9_999, False), (10_000, True)])
def test_a_threshold_is_asked_at_list_prices(minor: int, acts: bool) -> None:
    line = {"line_id": "1", "sku": "A", "list_price_minor": minor, "quantity_milli": 1000}
    assert could_act(load_basket(basket(line)), rules(TEN_OFF)) is acts
    assert not could_act(load_basket(basket(line)), rules())


@pytest.mark.parametrize(
    "changes,alone",
    [({}, True), ({"points_cost": 5}, False), ({"phase": "coupon"}, True)],
)
def test_who_may_be_asked_alone(changes: dict[str, object], alone: bool) -> None:
    (found,) = rules({**TEN_OFF, **changes}).promotions
    assert asked_alone(found.rule) is alone
