"""256 cases of other engines, each with its source: what we support must come out to the cent."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from pos_core.allocation import Portion, allocate
from pos_core.pricing.basket import PricingInput
from pos_core.pricing.checker import CheckRules, check_basket
from pos_core.pricing.codec import decode, encode, encode_bytes
from pos_core.pricing.compiled import compile_rules
from pos_core.pricing.engine import price_basket
from tests.core.pricing.goldens import (
    CASES,
    OWN,
    PRICED,
    SHARED_OUT,
    basket_of,
    comparable,
    expected_of,
    figures,
    release_of,
    stated,
)

DOCUMENT = (Path(__file__).parents[3] / "docs" / "promotions.md").read_text("utf-8")


@pytest.mark.parametrize("name", PRICED | OWN)
def test_a_case_prices_as_its_source_says(name: str) -> None:
    case = (PRICED | OWN)[name]
    priced = price_basket(basket_of(case), compile_rules(release_of(case)))
    expected = expected_of(case)
    assert stated(expected, figures(case, priced)) == comparable(expected)
    assert priced.proof == "exact"
    assert check_basket(basket_of(case), CheckRules(release_of(case)), priced) == ()


@pytest.mark.parametrize("name", SHARED_OUT)
def test_an_amount_is_shared_out_as_its_source_says(name: str) -> None:
    case = SHARED_OUT[name]
    amount: int = case["allocation"]["amount_minor"]
    portions = [Portion(weight, amount) for weight in case["allocation"]["weights"]]
    shares = [0] * len(portions)
    for part in allocate(amount, portions).parts:
        shares[part.portion] = part.amount_minor
    assert shares == case["expected"]["shares_minor"]


@pytest.mark.parametrize("name", PRICED | OWN)
def test_neither_the_order_of_lines_nor_of_rules_matters(name: str) -> None:
    case = (PRICED | OWN)[name]
    rules = compile_rules(release_of(case))
    question = basket_of(case)
    turned: dict[str, Any] = encode(question)
    turned["lines"] = turned["lines"][::-1]
    backwards = {**case, "promotions": case["promotions"][::-1]}
    one = price_basket(question, rules)
    other = price_basket(decode(PricingInput, turned), compile_rules(release_of(backwards)))
    assert encode_bytes(one) == encode_bytes(other)


def test_the_document_lists_the_cases_that_we_choose_not_to_follow_and_no_others() -> None:
    ours = {name for name, case in CASES.items() if case["supported"] is not True}
    assert set(re.findall(r"^\| ([A-Z]{3}-[0-9]{3}) \|", DOCUMENT, re.MULTILINE)) == ours


def test_where_we_do_not_follow_a_source_that_knows_a_better_answer_we_give_that() -> None:
    better = {name: c for name, c in PRICED.items() if c["supported"] is not True and "customer_optimal" in c}
    assert sorted(better) == ["OSC-038", "SOL-007"]
    for case in better.values():
        priced = price_basket(basket_of(case), compile_rules(release_of(case)))
        found = figures(case, priced)
        assert stated(case["customer_optimal"], found) == case["customer_optimal"]


def test_no_case_was_lost_and_every_exception_has_a_reason() -> None:
    assert len(CASES) == 256
    for case in CASES.values():
        assert case["source"] and case["policy"]
        if case["supported"] is not True:
            assert case["supported"]["false"] and case["ours"] != case["expected"]
