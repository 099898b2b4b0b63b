"""Promotions that are outdone are left out of the search, and no answer shows it."""

from __future__ import annotations

from dataclasses import replace
from random import Random
from typing import Any

import pytest

from pos_core.pricing.compiled import RuleSet
from pos_core.pricing.engine import price_basket
from pos_core.pricing.explain import price_explained
from pos_core.pricing.load import load_basket
from tests.core.pricing.build import basket, line, price, rule, rules


def _off(id_: str, least: int, amount: int, **more: Any) -> dict[str, Any]:
    return rule(
        id_, "basket", "basket_amount", amount_minor=amount, conditions=[{"min_amount_minor": least}], **more
    )


def _ids(release: RuleSet) -> list[str]:
    return sorted(release.promotions[n].rule.id for n in release.outdone)


def test_only_a_promotion_that_asks_no_less_and_gives_no_more_is_outdone() -> None:
    release = rules(_off("a", 500, 50), _off("b", 500, 50), _off("c", 400, 20), _off("d", 700, 40))
    assert _ids(release) == ["b", "d"]


@pytest.mark.parametrize(
    "different",
    [
        {"limits": {"in_all": 5}},
        {"scope": {"channels": ["web"]}},
        {"cap_minor": 10},
        {"floor": {"unit_min_minor": 1}},
        {"stack": {"mode": "stack"}},
        {"skus": "a"},
    ],
)
def test_a_promotion_that_differs_in_anything_else_is_not_outdone(different: dict[str, Any]) -> None:
    assert not _ids(rules(_off("a", 500, 50, **different), _off("b", 500, 40)))
    assert not _ids(rules(_off("a", 500, 50), _off("b", 500, 40, **different)))


def test_a_promotion_that_a_list_names_is_not_outdone() -> None:
    listed = {"mode": "stack", "extent": "basket", "combines_with": ["b"]}
    free = rule("z", "shipping", "shipping_percent", rate_ppm=1000000, stack=listed)
    assert not _ids(rules(_off("a", 500, 50), _off("b", 500, 40), free))
    both = price(basket(line("x", 600), shipping_minor=20), _off("a", 500, 50), _off("b", 500, 40), free)
    assert [a.promotion_id for a in both.applications] == ["b", "z"]


def test_the_smaller_amount_is_taken_when_a_coupon_needs_what_it_leaves() -> None:
    coupon = rule(
        "z",
        "coupon",
        "basket_amount",
        amount_minor=100,
        conditions=[{"min_amount_minor": 560}],
        coupon={"campaign": "C"},
    )
    shown = basket(line("x", 600), coupons=[{"coupon_id": "1", "campaign": "C"}])
    answer = price(shown, _off("a", 500, 50), _off("b", 500, 40), coupon)
    assert (answer.payable_minor, answer.proof) == (460, "exact")


def test_answers_are_those_of_a_search_that_looks_at_everything() -> None:
    random = Random(7)
    for _ in range(60):
        made = [
            _off(f"p{n:02}", random.randrange(1, 9) * 100, random.randrange(1, 9) * 10)
            for n in random.sample(range(40), 12)
        ]
        made.append(rule("item", "item", "percent_each", rate_ppm=random.choice([100000, 300000]), skus="x"))
        release = rules(*made)
        question = load_basket(basket(line("x", random.randrange(100, 900)), line("y", 150)))
        assert release.outdone
        assert price_basket(question, release) == price_basket(
            question, replace(release, outdone=frozenset())
        )


def test_an_outdone_promotion_is_explained_like_any_other() -> None:
    question = load_basket(basket(line("x", 600)))
    answer = price_explained(question, rules(_off("a", 500, 50), _off("b", 500, 40)))
    said = {e.promotion_id: (e.outcome, e.amount_minor, e.by) for e in answer.explanations}
    assert said == {"a": ("applied", 50, ()), "b": ("beaten", 10, ("a",))}
