"""The oracle itself: on cases worked out by hand it leaves every unit what the engine leaves it."""

from __future__ import annotations

import pytest

from pos_core.pricing.compiled import compile_rules
from pos_core.pricing.engine import price_basket
from tests.core.pricing.goldens import OWN, basket_of, release_of
from tests.core.pricing.oracle.search import best_plan


@pytest.mark.parametrize("name", OWN)
def test_the_oracle_answers_a_case_of_ours_as_it_was_worked_out(name: str) -> None:
    question, release = basket_of(OWN[name]), release_of(OWN[name])
    best = best_plan(question, release)
    priced = price_basket(question, compile_rules(release))
    assert best.payable_minor == priced.payable_minor
    nets = [(o.unit_class, o.net_minor) for o in priced.outcomes for _ in range(o.count)]
    assert sorted((number, net) for number, net, _ in best.units) == sorted(nets)
