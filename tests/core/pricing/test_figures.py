"""The figures of a basket are those of the whole answer, whatever the search was left to keep."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pos_core.pricing.basket import PricingInput
from pos_core.pricing.compiled import RuleSet, compile_rules
from pos_core.pricing.engine import STATE_BUDGET, price_basket
from pos_core.pricing.figures import price_figures
from pos_core.pricing.rule import PromotionSet
from tests.core.pricing.campaign import campaign
from tests.core.pricing.goldens import PRICED, basket_of, release_of
from tests.core.pricing.strategies import questions


def same(question: PricingInput, rules: RuleSet, states: int) -> int:
    """Compares; what the answer leaves unproven."""
    answer = price_basket(question, rules, state_budget=states)
    found = price_figures(question, rules, state_budget=states)
    skus = {line.line_id: line.sku for line in question.lines}
    nets: dict[str, int] = {}
    for line in answer.lines:
        nets[skus[line.line_id]] = nets.get(skus[line.line_id], 0) + line.net_minor
    assert dict(found.nets) == nets
    assert found.goods_net_minor == answer.goods_net_minor
    assert found.payable_minor == answer.payable_minor
    assert found.gap_minor == answer.gap_minor
    return answer.gap_minor


@campaign(150)
@given(questions(units=7, rules=6), st.sampled_from([2, 20, 1_000, STATE_BUDGET]))
def test_figures_are_those_of_the_answer(asked: tuple[PricingInput, PromotionSet], states: int) -> None:
    question, release = asked
    same(question, compile_rules(release), states)


@campaign(40)
@given(questions(units=6, rules=5, goods=True), st.sampled_from([20, STATE_BUDGET]))
def test_with_points_for_goods_and_money(asked: tuple[PricingInput, PromotionSet], states: int) -> None:
    question, release = asked
    same(question, compile_rules(release), states)


@pytest.mark.parametrize("name", PRICED)
def test_of_the_golden_cases_too(name: str) -> None:
    case = PRICED[name]
    assert same(basket_of(case), compile_rules(release_of(case)), STATE_BUDGET) == 0
