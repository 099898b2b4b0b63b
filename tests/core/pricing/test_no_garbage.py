"""What pricing needs is gone as soon as it has answered: nothing of it waits for the garbage collector.

A till prices after every scan. A ring of objects in a basket would keep all of it until the collector runs,
and make it run for every other basket.
"""

from __future__ import annotations

import gc
from random import Random
from typing import Any

import pytest

from benchmarks.pricing_data import Chain, simple_basket, simple_promotions
from pos_core.pricing.compiled import RuleSet, compile_rules
from pos_core.pricing.engine import EngineState, price_basket
from pos_core.pricing.load import load_basket, load_promotions

CHAIN = Chain()


def _left_behind(rules: RuleSet, baskets: list[dict[str, Any]], state: EngineState | None) -> int:
    questions = [load_basket(basket) for basket in baskets]
    price_basket(questions[0], rules, previous=state)
    gc.collect()
    gc.disable()
    try:
        for question in questions:
            price_basket(question, rules, previous=state)
        return gc.collect()
    finally:
        gc.enable()


@pytest.mark.parametrize("again", [False, True])
def test_usual_baskets(again: bool) -> None:
    state = EngineState() if again else None
    simple = [simple_basket(10, Random(n)) for n in range(8)]
    assert _left_behind(compile_rules(load_promotions(simple_promotions(100))), simple, state) == 0
    usual = [CHAIN.basket(10, Random(n)) for n in range(8)]
    assert _left_behind(compile_rules(load_promotions(CHAIN.promotions(300))), usual, state) == 0
