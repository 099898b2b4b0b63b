"""An amount once off the basket is told from its promotion alone as it would be from its link."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

from benchmarks.pricing_data import simple_basket, simple_promotions
from pos_core.pricing.chain_links import Links, flat_of
from pos_core.pricing.compiled import compile_rules
from pos_core.pricing.engine import carried_out
from pos_core.pricing.load import load_basket, load_promotions
from pos_core.pricing.offer import BASKET

CONDITIONS: list[list[dict[str, Any]]] = [
    [],
    [{"min_amount_minor": 9_000}],
    [{"min_amount_minor": 9_000, "basis": "list"}],
    [{"min_amount_minor": 900_000, "basis": "running"}, {"min_amount_minor": 10, "basis": "price"}],
    [{"min_units": 2}],
    [{"min_amount_minor": 500, "select": {"any_of": [{"skus": ["s1", "s2", "s3"]}]}}],
]


def _more(random: Random) -> list[dict[str, Any]]:
    return [
        {
            "id": f"more{number}{cap}",
            "name": "more",
            "phase": random.choice(["basket", "coupon"]),
            "stack": "one_promotion_per_item",
            "conditions": conditions,
            "benefit": {"kind": "basket_amount", "amount_minor": 70},
            **({"cap_minor": 50} if cap else {}),
        }
        for number, conditions in enumerate(CONDITIONS)
        for cap in (False, True)
    ]


@pytest.mark.parametrize("seed", range(12))
def test_as_its_link(seed: int) -> None:
    random = Random(seed)
    release = simple_promotions(60, seed)
    release["promotions"] += _more(random)
    question = load_basket(simple_basket(random.choice([1, 4, 12]), random))
    found = carried_out(question, compile_rules(load_promotions(release)), 1_000, None)
    classes = frozenset(range(len(found.goods.price)))
    told = 0
    for moving in (classes, frozenset([0]), frozenset[int]()):
        maker = Links(found.goods, classes, moving)
        for offer in found.found.offers:
            if offer.phase < BASKET:
                continue
            flat = maker.flat(offer)
            if flat is None:
                continue
            link = maker.link(offer)
            assert link is not None
            assert flat == flat_of(link)
            told += 1
            assert offer.cap is None
            assert not any(condition.asks_units for condition in offer.conditions)
    assert told
