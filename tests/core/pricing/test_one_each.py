"""A usual plan carried out in one pass leaves what the ledger leaves, step by step."""

from __future__ import annotations

from random import Random
from typing import Any

from hypothesis import given

from benchmarks.pricing_data import Chain, simple_basket, simple_promotions
from pos_core.pricing.basket import PricingInput
from pos_core.pricing.compiled import RuleSet, compile_rules
from pos_core.pricing.engine import STATE_BUDGET, carried_out
from pos_core.pricing.ledger import Ledger
from pos_core.pricing.load import load_basket, load_promotions
from pos_core.pricing.one_each import carry_out_once, fits
from pos_core.pricing.replay import carry_out
from pos_core.pricing.rule import PromotionSet
from tests.core.pricing.campaign import campaign
from tests.core.pricing.strategies import questions


def _told(ledger: Ledger) -> tuple[Any, ...]:
    """All that an answer reads off a ledger, in which what fared in one way may stand in several entries."""
    entries: dict[tuple[Any, ...], int] = {}
    for c, less, history, tags, n in ledger.entries():
        entries[c, less, history, tags] = entries.get((c, less, history, tags), 0) + n
    return entries, ledger.steps, ledger.gave, ledger.shipping, ledger.shipping_shares


def _fits_and_is_the_same(question: PricingInput, rules: RuleSet) -> bool:
    done = carried_out(question, rules, STATE_BUDGET, None)
    plan, shipping = done.plan, question.shipping_minor
    if not fits(plan):
        return False
    slow, gifts = carry_out(done.goods, done.found.offers, done.conflicts, plan.steps, plan.later, shipping)
    assert not gifts
    assert _told(carry_out_once(done.goods, done.conflicts, plan, shipping)) == _told(slow)
    return True


def test_usual_baskets() -> None:
    random = Random(5)
    rules = compile_rules(load_promotions(simple_promotions(100)))
    asked = [load_basket(simple_basket(lines, random)) for lines in (1, 5, 10, 30) for _ in range(15)]
    assert all(_fits_and_is_the_same(question, rules) for question in asked)


def test_baskets_of_a_chain() -> None:
    chain, random = Chain(), Random(6)
    rules = compile_rules(load_promotions(chain.hard_promotions(200)))
    baskets = [chain.basket(units, random, floors=units % 2 == 0) for units in range(2, 24)]
    fitting = [_fits_and_is_the_same(load_basket({**b, "coupons": []}), rules) for b in baskets]
    assert fitting.count(True) > 10


@campaign(150)
@given(questions(units=9, rules=7))
def test_any_basket(asked: tuple[PricingInput, PromotionSet]) -> None:
    question, release = asked
    _fits_and_is_the_same(question, compile_rules(release))
