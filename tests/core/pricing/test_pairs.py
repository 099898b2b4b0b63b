"""第二件半价 under floors and a ladder: pair by pair, against every legal plan."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

from pos_core.pricing.checker import CheckRules, check_basket
from pos_core.pricing.compiled import compile_rules
from pos_core.pricing.engine import price_basket
from pos_core.pricing.load import load_basket, load_promotions
from tests.core.pricing.build import basket, line, rule
from tests.core.pricing.oracle.search import best_plan


def _asked(seed: int, units: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """Units whose floors bite, the ladder's step a little above what the best pairs leave."""
    dice = Random(seed)
    skus = "abcdefghij"[:units]
    prices = [dice.randrange(200, 1000) for _ in skus]
    floors = [price * dice.choice([0, 60, 80, 90]) // 100 for price in prices]
    lines = [line(s, price, floor_minor=floor) for s, price, floor in zip(skus, prices, floors, strict=True)]
    step = sum(prices) * dice.randrange(70, 99) // 100
    tiers = [{"min_amount_minor": step, "value": dice.choice([100, 300])}]
    ladder = rule("m", "basket", "basket_amount", ladder={"tiers": tiers})
    half = len(skus) // 2
    seconds = [
        rule("h", "item", "nth_percent", skus=" ".join(skus[: half + 1]), units=2, rate_ppm=500_000),
        rule("f", "item", "nth_percent", skus=" ".join(skus[half:]), units=2, rate_ppm=1_000_000),
    ]
    return basket(*lines), {"promotions": [*seconds, ladder]}


@pytest.mark.parametrize("units", [5, 6])
def test_the_best_of_all_legal_plans_where_pairs_meet_floors(units: int) -> None:
    paired_up = 0
    for seed in range(40):
        question, release = _asked(seed, units)
        asked, rules = load_basket(question), load_promotions(release)
        priced = price_basket(asked, compile_rules(rules))
        best = best_plan(asked, rules)
        assert priced.payable_minor == best.goods_net_minor + best.shipping_net_minor, seed
        assert priced.proof == "exact", seed
        assert check_basket(asked, CheckRules(rules), priced) == (), seed
        paired_up += any(each.promotion_id in "hf" for each in priced.applications)
    assert paired_up > 20


@pytest.mark.parametrize("seed, payable", [(51, 3819), (108, 3876), (240, 4625)])
def test_ten_units_under_a_ladder_are_proven_not_only_bounded(seed: int, payable: int) -> None:
    question, release = _asked(seed, 10)
    asked, rules = load_basket(question), load_promotions(release)
    priced = price_basket(asked, compile_rules(rules))
    assert (priced.proof, priced.payable_minor) == ("exact", payable)
    assert check_basket(asked, CheckRules(rules), priced) == ()
