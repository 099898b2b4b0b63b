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
from pos_core.pricing.reach import Reach, asked_alone
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
    assume(asked_alone(one) and not Reach(_set(one)).could_act(question))
    others = _set(*(each for each in release.promotions if each.id != one.id))
    assert _nets(question, others) == _nets(question, _set(*release.promotions))


@campaign(60)
@given(questions(units=6, rules=6), st.integers(1, 63))
def test_who_is_passed_by_could_not_act(asked: tuple[PricingInput, PromotionSet], which: int) -> None:
    """What shows without looking at units is what looking at them says, of any few promotions."""
    question, release = asked
    some = [p for n, p in enumerate(release.promotions) if which >> n & 1 and asked_alone(p)]
    reach, looking = Reach(_set(*some)), _Looking(_set(*some))
    assert reach.could_act(question) == looking.could_act(question)
    assert reach.could_act(question) == looking.could_act(question), "and the second time"


class _Looking(Reach):
    def _passes_by(self, question: PricingInput) -> bool:
        return False

    def _takes_any(self, question: PricingInput) -> bool:
        return False


TEN_OFF = {
    "id": "TEN", "name": "满100减10", "phase": "basket", "conditions": [{"min_amount_minor": 10_000}],
    "benefit": {"kind": "basket_amount", "amount_minor": 1000}, "stack": "one_promotion_per_item",
}  # fmt: skip


@pytest.mark.parametrize("minor,acts", [(9_999, False), (10_000, True)])
def test_a_threshold_is_asked_at_list_prices(minor: int, acts: bool) -> None:
    line = {"line_id": "1", "sku": "A", "list_price_minor": minor, "quantity_milli": 1000}
    assert Reach(rules(TEN_OFF)).could_act(load_basket(basket(line))) is acts
    assert not Reach(rules()).could_act(load_basket(basket(line)))


@pytest.mark.parametrize(
    "changes", [{"discountable": False}, {"gift": True}, {"stored_value": True}, {"line_id": "1"}]
)
def test_a_threshold_asks_for_goods_that_may_be_discounted(changes: dict[str, object]) -> None:
    line = {"line_id": "1", "sku": "A", "list_price_minor": 10_000, "quantity_milli": 1000, **changes}
    assert Reach(rules(TEN_OFF)).could_act(load_basket(basket(line))) is ("line_id" in changes)


def test_a_price_below_the_list_may_miss_the_threshold() -> None:
    price = {"kind": "flash", "price_minor": 9_999, "source": "F"}
    line = {"line_id": "1", "sku": "A", "list_price_minor": 10_000, "quantity_milli": 1000, "prices": [price]}
    assert not Reach(rules(TEN_OFF)).could_act(load_basket(basket(line)))


@pytest.mark.parametrize(
    "changes,alone",
    [({}, True), ({"points_cost": 5}, False), ({"phase": "coupon"}, True)],
)
def test_who_may_be_asked_alone(changes: dict[str, object], alone: bool) -> None:
    (found,) = rules({**TEN_OFF, **changes}).promotions
    assert asked_alone(found.rule) is alone
