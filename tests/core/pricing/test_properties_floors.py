"""Groups of which a part is discounted, where floors leave the dearer unit less to give: against the oracle.

Which unit is bought and which is got then is no question of filling one group after the other.
"""

from __future__ import annotations

from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st

from pos_core.pricing.checker import CheckRules, check_basket
from pos_core.pricing.compiled import compile_rules
from pos_core.pricing.engine import price_basket
from pos_core.pricing.load import load_basket, load_promotions
from tests.core.pricing.build import basket, line, rule
from tests.core.pricing.campaign import campaign
from tests.core.pricing.oracle.search import TooLarge, best_plan

Data = dict[str, Any]

REWARDS = st.sampled_from(
    [
        {"kind": "percent", "rate_ppm": 1_000_000},
        {"kind": "amount", "amount_minor": 60},
        {"kind": "price", "price_minor": 30},
    ]
)


@st.composite
def _lines(draw: st.DrawFn) -> list[Data]:
    """Few prices, so that some are equal; some units can bear nearly nothing."""
    found: list[Data] = []
    for number in range(draw(st.integers(3, 5))):
        price = draw(st.sampled_from([99, 100, 333]))
        floor = draw(st.sampled_from([0, price // 2, price - 1]))
        found.append(line(f"{number}{draw(st.sampled_from('ab'))}", price, floor_minor=floor))
    return found


@st.composite
def _rules(draw: st.DrawFn) -> list[Data]:
    stack = {"mode": "one_per_unit", "group": "g"}
    kept = {"refund": {"spread": draw(st.sampled_from(["benefiting", "benefiting", "all_units"]))}}
    kept |= {"limits": draw(st.sampled_from([{}, {"per_basket": 1}]))}
    rate = draw(st.sampled_from([500_000, 1_000_000]))
    nth = {"kind": "nth_percent", "units": draw(st.integers(2, 3)), "rate_ppm": rate}
    buy: Data = {"select": {}, "units": draw(st.integers(1, 2))}
    got = {
        "kind": "buy_get",
        "buy": [buy],
        "get": {"select": {}},
        "reward": draw(REWARDS),
        "pick": "cheapest",
    }
    found = [
        {"id": "p", "name": "p", "phase": "item", "benefit": draw(st.sampled_from([nth, got])), **kept},
        rule("z", "item", "percent_each", rate_ppm=100_000),
    ]
    for each in found:
        each["stack"] = stack
    return found[: draw(st.integers(1, 2))]


@campaign(300)
@given(_lines(), _rules())
def test_the_best_of_all_legal_plans_where_the_dearer_gives_less(
    lines: list[Data], rules: list[Data]
) -> None:
    question, release = load_basket(basket(*lines)), load_promotions({"promotions": rules})
    priced = price_basket(question, compile_rules(release))
    try:
        best = best_plan(question, release)
    except TooLarge:
        assume(False)
        raise
    assert (priced.payable_minor, priced.proof) == (best.payable_minor, "exact")
    assert check_basket(question, CheckRules(release), priced) == ()


def test_a_unit_that_bears_more_than_the_dearer_ones_counts_in_the_bound() -> None:
    """The third of three at 10.00 is free and its floor bears it, the others' floors bear half."""
    lines = [line("1a", 1000, floor_minor=500), line("2a", 1000, floor_minor=500), line("3b", 1000)]
    lines += [line("4a", 50), line("5a", 50), line("6b", 50, floor_minor=25), line("7b", 50, floor_minor=25)]
    third = rule("p1", "item", "nth_percent", units=3, rate_ppm=1_000_000) | {"limits": {"per_basket": 2}}
    off = {"kind": "amount", "amount_minor": 60}
    one: Data = {"select": {}}
    second = rule("p0", "item", "buy_get", buy=[one], get=one, reward=off, pick="cheapest")
    for each in (second, third):
        each |= {"refund": {"spread": "benefiting"}, "stack": {"mode": "one_per_unit", "group": "g"}}
    question, rules = load_basket(basket(*lines)), load_promotions({"promotions": [second, third]})
    priced = price_basket(question, compile_rules(rules))
    assert (priced.payable_minor, priced.proof) == (2100, "exact")
    assert check_basket(question, CheckRules(rules), priced) == ()
