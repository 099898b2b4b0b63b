"""Sentences for a till: what they say, and that none is too long whatever a rule is called."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pos_core.pricing.basket import PricingInput
from pos_core.pricing.compiled import RuleSet, compile_rules
from pos_core.pricing.explain import price_explained
from pos_core.pricing.load import load_basket
from pos_core.pricing.result import Explanation
from pos_core.pricing.rule import PromotionSet
from pos_core.pricing.words import OFFERS, SENTENCES, WIDTH_MAX, Language, Words, fitted, width
from tests.core.pricing.build import basket, line, rule, rules
from tests.core.pricing.strategies import questions

LADDER = {"tiers": [{"min_amount_minor": 20000, "value": 3000}, {"min_amount_minor": 40000, "value": 8000}]}
HALF = {
    **rule("half", "item", "nth_percent", units=2, rate_ppm=500_000),
    "name": "饮料第二件半价",
    "name_en": "Drinks",
}
STEPS = {**rule("steps", "basket", "basket_amount", ladder=LADDER), "name": "618满减"}


def said(the_basket: dict[str, Any], *promotions: dict[str, Any], language: Language = "zh") -> list[str]:
    rule_set = rules(*promotions)
    answer = price_explained(load_basket(the_basket), rule_set)
    words = Words(rule_set, language)
    return [text for e in answer.explanations for text in words.lines(e)]


def test_the_next_step_in_the_words_of_a_shop() -> None:
    assert said(basket(line("a", 18800)), STEPS) == ["618满减：再买 ¥12.00，满200减30"]
    assert said(basket(line("a", 25000)), STEPS) == ["618满减：已减 ¥30.00，1 件", "再买 ¥150.00，满400减80"]
    assert said(basket(line("a", 1000)), HALF) == ["再买 1 件，饮料第二件半价"]
    assert said(basket(line("a", 1000, 3)), HALF) == [
        "饮料第二件半价：已减 ¥5.00，2 件",
        "再买 1 件，第二件半价",
    ]


def test_the_same_in_english() -> None:
    assert said(basket(line("a", 18800)), STEPS, language="en") == [
        "618满减: spend ¥12.00 more, ¥30 off ¥200"
    ]
    assert said(basket(line("a", 1000)), HALF, language="en") == ["Drinks: buy 1 more, unit 2 half price"]


def test_beaten_and_blocked_name_the_other_one() -> None:
    ten = {**rule("ten", "item", "percent_each", rate_ppm=100_000), "name": "九折"}
    twenty = {**rule("twenty", "item", "percent_each", rate_ppm=200_000), "name": "八折"}
    assert said(basket(line("a", 10000)), ten, twenty)[0] == "九折：“八折”更省 ¥10.00"
    must = {**twenty, "stack": {"mode": "exclusive", "optional": False}}
    assert said(basket(line("a", 10000)), ten, must)[0] == "九折：不能与“八折”同享"


def test_the_fifth_that_is_beaten_says_by_which_and_no_amount() -> None:
    """Four are worked out where a shopper waits; the others have no amount, which is not an amount of 0."""
    many = [
        {**rule(f"p{n}", "item", "percent_each", rate_ppm=10_000 * n), "name": f"减{n}%"} for n in range(1, 7)
    ]
    goods = basket(line("a", 10000))
    assert said(goods, *many)[:2] == ["减1%：已享“减6%”", "减2%：“减6%”更省 ¥4.00"]
    assert said(goods, *many, language="en")[:2] == [
        "减1%: “减6%” applies instead",
        "减2%: “减6%” saves ¥4.00 more",
    ]


def test_a_tie_is_said_to_be_one() -> None:
    one, two = ({**rule(n, "item", "percent_each", rate_ppm=100_000), "name": f"九折{n}"} for n in ("a", "b"))
    goods = basket(line("a", 10000))
    assert said(goods, one, two)[1] == "九折b：“九折a”同样省"
    assert said(goods, one, two, language="en")[1] == "九折b: “九折a” saves as much"


@pytest.mark.parametrize(
    "benefit, text",
    [
        ({"kind": "group_percent", "units": 3, "rate_ppm": 300_000}, "3件7折"),
        ({"kind": "group_percent", "units": 3, "rate_ppm": 250_000}, "3件7.5折"),
        ({"kind": "group_price", "units": 3, "price_minor": 2000}, "任选3件20元"),
        ({"kind": "group_amount", "units": 2, "amount_minor": 550}, "2件减5.50元"),
        ({"kind": "nth_percent", "units": 3, "rate_ppm": 1_000_000}, "第三件免费"),
        ({"kind": "nth_price", "units": 2, "price_minor": 100}, "第二件1元"),
    ],
)
def test_kinds_by_the_name_a_shop_gives_them(benefit: dict[str, Any], text: str) -> None:
    kind = benefit.pop("kind")
    (sentence,) = said(basket(line("a", 1000)), rule("p", "item", kind, **benefit))
    assert sentence.endswith(f"，{text}")


def test_where_nothing_is_shipped_free_shipping_says_so() -> None:
    free = {**rule("p", "shipping", "shipping_percent", rate_ppm=1_000_000), "name": "包邮"}
    assert said(basket(line("a", 1000)), free) == ["包邮：本单没有运费"]
    assert said(basket(line("a", 1000)), free, language="en") == ["包邮: no shipping to pay"]


def test_a_currency_without_decimals() -> None:
    words = Words(rules(STEPS), "en", exponent=0, symbol="JP¥")
    assert words.money(1200) == "JP¥1200"


def test_every_sentence_exists_in_both_languages_with_the_same_facts() -> None:
    def facts(text: str) -> set[str]:
        return {part.split("}")[0] for part in text.split("{")[1:]}

    for key, (chinese, english) in SENTENCES.items():
        assert facts(chinese) == facts(english) - {"s"}, key
    assert all(len(pair) == 2 and all(pair) for pair in OFFERS.values())


def test_width_counts_chinese_twice() -> None:
    assert (width("ab"), width("满减"), width("再买 1 件")) == (2, 4, 9)
    assert fitted("满二百减三十", 7) == "满二百…" and fitted("满二百", 6) == "满二百"


# --- for every basket -----------------------------------------------------------------------------


def _renamed(release: PromotionSet, name: str) -> RuleSet:
    return compile_rules(
        replace(release, promotions=tuple(replace(p, name=name) for p in release.promotions))
    )


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(questions(), st.sampled_from(["促" * 200, "x" * 200, "{name}", "满减"]))
def test_no_line_is_too_long_and_nothing_is_left_unfilled(
    drawn: tuple[PricingInput, PromotionSet], name: str
) -> None:
    rule_set = _renamed(drawn[1], name)
    answer = price_explained(drawn[0], rule_set)
    for language in ("zh", "en"):
        words = Words(rule_set, language)
        for e in answer.explanations:
            for text in words.lines(e):
                assert 0 < width(text) <= WIDTH_MAX
                assert "None" not in text and "￥" not in text
                assert name == "{name}" or "{" not in text


def test_every_sentence_can_be_reached() -> None:
    """Each key is what some explanation is told as: no sentence waits for a day that never comes."""
    source = set()
    words = Words(rules(HALF, STEPS), "zh")
    for outcome, more in _EXPLANATIONS:
        e = Explanation(promotion_id=more.pop("promotion_id", "half"), outcome=outcome, **more)
        source.add(words._key(e, words._rule(e.promotion_id)))
    seen_above = {"next_units", "next_amount", "missing_points_short"}
    assert source | seen_above == set(SENTENCES)


_EXPLANATIONS: list[tuple[Any, dict[str, Any]]] = [
    ("applied", {"amount_minor": 1, "units": 1}),
    ("applied", {"amount_minor": 1}),
    ("applied", {"amount_minor": 1, "points": 1}),
    ("applied", {"points": 1, "units": 1}),
    ("applied", {"points": 1}),
    ("applied", {"units": 1}),
    *(
        ("missing", {"what": what, "short": 1})
        for what in (
            "units", "units_of_one_sku", "distinct_skus", "amount", "goods", "coupon", "member",
            "points", "gift_line", "shipping", "saving",
        )
    ),
    ("beaten", {"amount_minor": 1, "by": ("steps",)}),
    ("beaten", {"by": ("steps",)}),
    ("beaten", {"amount_minor": 1}),
    ("beaten", {}),
    ("beaten", {"by": ("steps",), "amount_open": True}),
    ("beaten", {"amount_open": True}),
    ("blocked", {"by": ("steps",)}),
    ("blocked", {}),
    *(
        ("exhausted", {"limit": limit})
        for limit in ("per_basket", "per_member", "per_member_day", "per_day", "in_all", "budget")
    ),
    ("out_of_scope", {}),
]  # fmt: skip
