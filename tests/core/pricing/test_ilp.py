"""The engine against an integer program on medium baskets: multi-buys, bundles, prices and a ladder."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from itertools import combinations_with_replacement
from pathlib import Path
from random import Random
from typing import Any

import pytest

from pos_core.pricing.checker import CheckRules, check_basket
from pos_core.pricing.compiled import compile_rules
from pos_core.pricing.engine import price_basket
from pos_core.pricing.load import load_basket, load_promotions
from tests.core.pricing.campaign import EFFORT
from tests.core.pricing.strategies_goods import NOON_MS

BASKETS = 80 * EFFORT
PPM = 1_000_000

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("highspy") is None, reason="highspy is not installed"
)


def _half_up(amount: int, rate: int) -> int:
    return (2 * amount * rate + PPM) // (2 * PPM)


def _rule(chance: Random, number: int, skus: list[str]) -> dict[str, Any]:
    mine = sorted(chance.sample(skus, min(len(skus), chance.choice([2, 3, 5]))))
    select = {"any_of": [{"skus": mine}]}
    kind = chance.choice(
        ["percent_each", "nth_percent", "nth_percent", "group_percent", "group_price", "bundle_price"]
    )
    benefit: dict[str, Any] = {"kind": kind}
    rule = {
        "id": f"p{number}",
        "name": "p",
        "phase": "item",
        "benefit": benefit,
        "stack": {"mode": "one_per_unit"},
    }
    if kind == "bundle_price":
        benefit["slots"] = [
            {"select": {"any_of": [{"skus": [sku]}]}} for sku in mine[: chance.choice([2, 3])]
        ]
        benefit["price_minor"] = chance.randrange(500, 9000)
        return rule
    rule["select"] = select
    if kind != "percent_each":
        benefit["units"] = chance.choice([2, 2, 3])
    if kind == "group_price":
        benefit["price_minor"] = chance.randrange(500, 9000)
    else:
        benefit["rate_ppm"] = chance.choice([100_000, 300_000, 333_333, 500_000, 1_000_000])
    return rule


def _columns(
    rule: dict[str, Any], skus: list[str], price: dict[str, int], counts: dict[str, int]
) -> list[Any]:
    """(saving, members as class numbers, most): every group of units the rule allows."""
    benefit = rule["benefit"]
    kind = benefit["kind"]
    if kind == "bundle_price":
        members = [slot["select"]["any_of"][0]["skus"][0] for slot in benefit["slots"]]
        groups = [tuple(members)] if all(sku in counts for sku in members) else []
    else:
        mine = [sku for sku in rule["select"]["any_of"][0]["skus"] if sku in counts]
        groups = list(combinations_with_replacement(mine, benefit.get("units", 1)))
    columns = []
    for group in groups:
        if any(group.count(sku) > counts[sku] for sku in group):
            continue
        prices = sorted(price[sku] for sku in group)
        if kind in ("group_price", "bundle_price"):
            saving = max(0, sum(prices) - benefit["price_minor"])
        elif kind == "nth_percent":
            saving = _half_up(prices[0], benefit["rate_ppm"])
        else:
            saving = sum(_half_up(p, benefit["rate_ppm"]) for p in prices)
        if saving:
            columns.append((saving, [skus.index(sku) for sku in group], sum(counts.values())))
    return columns


def _problem(seed: int) -> tuple[dict[str, Any], dict[str, Any], list[dict[str, Any]]]:
    chance = Random(seed)
    skus = [f"s{n}" for n in range(chance.choice([5, 8, 11]))]
    price = {sku: chance.randrange(150, 6000) for sku in skus}
    counts = {sku: chance.choice([1, 1, 2, 3]) for sku in skus}
    rules = [_rule(chance, n, skus) for n in range(chance.choice([5, 9, 14]))]
    total = sum(price[sku] * n for sku, n in counts.items())
    tiers: list[tuple[int, int]] = []
    if seed % 2:
        steps = [total * share // 100 for share in (45, 60, 80, 90)]
        tiers = [(step, 200 + 400 * n * n) for n, step in enumerate(steps)]
        ladder = {"tiers": [{"min_amount_minor": step, "value": value} for step, value in tiers]}
        rules.append(
            {
                "id": "ladder",
                "name": "p",
                "phase": "basket",
                "benefit": {"kind": "basket_amount", "ladder": ladder},
                "stack": {"mode": "stack"},
            }
        )
    columns = [c for rule in rules if rule["id"] != "ladder" for c in _columns(rule, skus, price, counts)]
    lines = [
        {"line_id": sku, "sku": sku, "list_price_minor": price[sku], "quantity_milli": 1000 * counts[sku]}
        for sku in skus
    ]
    basket = {"channel": "pos", "store": "S1", "instant_ms": NOON_MS, "utc_offset_minutes": 0, "lines": lines}
    problem = {"counts": [counts[s] for s in skus], "columns": columns, "total": total, "tiers": tiers}
    return problem, basket, rules


def test_medium_baskets_cost_what_the_integer_program_says() -> None:
    asked = [_problem(seed) for seed in range(BASKETS)]
    root = Path(__file__).parents[3]
    solved = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("ilp_solver.py"))],
        input="".join(json.dumps(problem) + "\n" for problem, _, _ in asked),
        capture_output=True,
        text=True,
        check=False,
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root)},
        timeout=300 * EFFORT,
    )
    assert solved.returncode == 0, solved.stderr
    optima = [int(line) for line in solved.stdout.split()]
    assert len(optima) == BASKETS
    for seed, ((_, basket, rules), optimum) in enumerate(zip(asked, optima, strict=True)):
        question = load_basket(basket)
        release = load_promotions({"format": 1, "promotions": rules})
        priced = price_basket(question, compile_rules(release), state_budget=500_000)
        assert (seed, priced.discount_minor, priced.proof) == (seed, optimum, "exact")
        assert check_basket(question, CheckRules(release), priced) == ()
