"""Equal units that other promotions left unequal, against the oracle: `pick`, `max_units`, groups, buy-gets.

To `pick` the units of a class are alike, whatever has been taken from them: which one it is is part of the
choice (docs/promotions.md, "Each kinds").
"""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from pos_core.pricing.checker import CheckRules, check_basket
from pos_core.pricing.compiled import compile_rules
from pos_core.pricing.engine import price_basket
from pos_core.pricing.load import load_basket, load_promotions
from tests.core.pricing.campaign import campaign
from tests.core.pricing.oracle.search import best_plan
from tests.core.pricing.strategies_goods import NOON_MS

Data = dict[str, Any]

STACKS = st.sampled_from(
    [{"mode": "stack"}, {"mode": "one_per_unit", "group": "g"}, {"mode": "one_per_unit", "group": "h"}]
)
LIMITS = st.sampled_from(
    [
        {},
        {"per_basket": 2},
        {"count_by": "unit", "per_basket": 3},
        {"budget_minor": 1000},
        {"budget_minor": 1000, "partial": True},
        {"budget_minor": 777, "partial": True},
        {"count_by": "unit", "per_basket": 3, "budget_minor": 1000, "partial": True},
    ]
)


@st.composite
def _lines(draw: st.DrawFn) -> list[Data]:
    """Three or four units of one or two goods at one or two prices: hardly any is alone in its class."""
    kinds = st.tuples(st.sampled_from("aab"), st.sampled_from([1000, 1000, 2500]))
    units = draw(st.lists(kinds, min_size=3, max_size=4))
    return [
        {"line_id": str(n), "sku": sku, "list_price_minor": price, "quantity_milli": 1000}
        for n, (sku, price) in enumerate(units)
    ]


@st.composite
def _over_several(draw: st.DrawFn) -> Data:
    everything: Data = {"select": {"any_of": [{"skus": ["a", "b"]}]}}
    some: Data = {"select": {"any_of": [{"skus": [draw(st.sampled_from("ab"))]}]}}
    buy_get = {
        "kind": "buy_get",
        "buy": [everything],
        "get": draw(st.sampled_from([everything, some])),
        "reward": draw(
            st.sampled_from(
                [{"kind": "percent", "rate_ppm": 1_000_000}, {"kind": "price", "price_minor": 50}]
            )
        ),
        "pick": draw(st.sampled_from(["chosen", "cheapest"])),
    }
    nth = {"kind": "nth_percent", "units": 2, "rate_ppm": 500_000}
    group = {"kind": "group_amount", "units": 2, "amount_minor": 333}
    benefit: Data = draw(st.sampled_from([buy_get, buy_get, nth, group]))
    spread = draw(st.sampled_from(["all_units", "benefiting"]))
    kept = {} if benefit is group else {"refund": {"spread": spread}}
    return {"benefit": {**benefit, "same_sku": draw(st.booleans())}, **kept}


@st.composite
def _picking(draw: st.DrawFn) -> Data:
    value = draw(
        st.sampled_from([("percent", "rate_ppm"), ("amount", "amount_minor"), ("price", "price_minor")])
    )
    benefit: Data = {
        "kind": f"{value[0]}_each",
        value[1]: 250_000 if value[0] == "percent" else 300,
        "pick": draw(st.sampled_from(["cheapest", "dearest"])),
    }
    bounds = st.fixed_dictionaries(
        {}, optional={"max_units": st.integers(1, 2), "max_units_of_one_sku": st.integers(1, 2)}
    )
    return {"benefit": {**benefit, **draw(bounds)}}


@st.composite
def _questions(draw: st.DrawFn) -> tuple[Data, list[Data]]:
    """A group before, what picks, a group after: the ids are the order of evaluation."""
    rules: list[Data] = [draw(_over_several()), draw(_picking()), draw(_over_several())]
    for number, rule in enumerate(rules):
        rule |= {"id": f"p{number}", "name": "p", "phase": "item"}
        rule |= {"stack": draw(STACKS), "limits": draw(LIMITS)}
    basket = {
        "channel": "pos",
        "store": "S1",
        "instant_ms": NOON_MS,
        "utc_offset_minutes": 0,
        "lines": draw(_lines()),
    }
    return basket, rules


@campaign(400)
@given(_questions())
def test_which_of_equal_units_is_picked_is_part_of_the_choice(asked: tuple[Data, list[Data]]) -> None:
    question, release = load_basket(asked[0]), load_promotions({"promotions": asked[1]})
    priced = price_basket(question, compile_rules(release))
    assert (priced.payable_minor, priced.proof) == (best_plan(question, release).payable_minor, "exact")
    assert check_basket(question, CheckRules(release), priced) == ()
