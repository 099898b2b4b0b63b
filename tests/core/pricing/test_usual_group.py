"""A group that takes all units there are is added up instead of counted through, and no answer shows it."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

from pos_core.pricing import offer
from pos_core.pricing.codec import encode_bytes
from pos_core.pricing.engine import price_basket
from pos_core.pricing.load import load_basket
from tests.core.pricing.build import basket, line, rule, rules

SKUS = ("a", "b", "c", "d")


def _release(random: Random) -> list[dict[str, Any]]:
    """Groups of two to four units, with what may get in the way of adding them up."""
    made = []
    for n in range(random.randrange(1, 5)):
        units = random.choice([2, 3, 3, 4])
        more: dict[str, Any] = {
            "units": units,
            "discounted": random.randrange(1, units + 1),
            "rate_ppm": random.choice([333_333, 500_000, 1_000_000]),
            "skus": " ".join(random.sample(SKUS, random.randrange(1, 4))),
        }
        kind = random.random()
        if kind < 0.1:
            more["pick"] = "dearest"
        elif kind < 0.2:
            more["same_sku"] = True
        elif kind < 0.3:
            more["floor"] = {"list_share_ppm": random.choice([300_000, 800_000])}
        elif kind < 0.4:
            more["limits"] = {"per_basket": 1, "count_by": random.choice(["application", "unit"])}
        elif kind < 0.5:
            more["refund"] = {"spread": "benefiting"}
        made.append(rule(f"g{n}", "item", "nth_percent", **more))
    for n in range(random.randrange(3)):
        rate = random.choice([50_000, 200_000])
        made.append(rule(f"p{n}", "item", "percent_each", rate_ppm=rate, skus=random.choice(SKUS)))
    if random.random() < 0.4:
        tiers = [{"min_amount_minor": 1000 + 500 * n, "value": 90 + 150 * n} for n in range(4)]
        made.append(rule("l", "basket", "basket_amount", ladder={"tiers": tiers}))
    return made


def _basket(random: Random) -> dict[str, Any]:
    lines = []
    for sku in random.sample(SKUS, random.randrange(1, 5)):
        more: dict[str, Any] = {}
        cost = random.choice([299, 300, 451, 1000])
        kind = random.random()
        if kind < 0.1:
            more["floor_minor"] = cost * random.choice([5, 9, 10]) // 10
        elif kind < 0.2:
            more["prices"] = [{"kind": "flash", "price_minor": cost // 3, "source": "F"}]
        elif kind < 0.25:
            more["discountable"] = False
        lines.append(line(sku, cost, random.randrange(1, 4), **more))
    return basket(*lines)


def test_answers_are_those_of_counting(monkeypatch: pytest.MonkeyPatch) -> None:
    random = Random(5)
    for _ in range(1_000):
        made = _release(random)
        question = load_basket(_basket(random))
        answer = encode_bytes(price_basket(question, rules(*made)))
        with monkeypatch.context() as patch:
            patch.setattr(offer, "_cheapest_of_few", lambda compiled: False)
            assert encode_bytes(price_basket(question, rules(*made))) == answer
