"""Components too large for the budget of states: a good plan all the same, and the gap told truly."""

from __future__ import annotations

from random import Random
from typing import Any

from benchmarks.pricing_data import simple_basket, simple_promotions
from pos_core.pricing.automaton import Automaton, Move
from pos_core.pricing.bounds import SCALE
from pos_core.pricing.checker import CheckRules, check_basket
from pos_core.pricing.codec import encode_bytes
from pos_core.pricing.compiled import compile_rules
from pos_core.pricing.component import LOOKS_MAX, NARROW, Component
from pos_core.pricing.engine import price_basket
from pos_core.pricing.load import load_basket, load_promotions
from pos_core.pricing.machines import fewest_open
from pos_core.pricing.offer import Offer

RELEASE = load_promotions(simple_promotions(500))
RULES = compile_rules(RELEASE)


def _basket(lines: int, number: int) -> dict[str, Any]:
    """A basket of the simple workload of the benchmark."""
    random = Random(lines)
    return [simple_basket(lines, random) for _ in range(number + 1)][number]


def test_a_basket_of_a_hundred_lines_is_near_the_optimum() -> None:
    """An integer program finds 245,755 minor units in its threes; greedily counted they were 208,884."""
    question = load_basket(_basket(100, 4))
    priced = price_basket(question, RULES)
    assert priced.payable_minor <= 669_000
    assert priced.gap_minor <= priced.payable_minor // 80
    assert check_basket(question, CheckRules(RELEASE), priced) == ()


def test_what_the_usual_budget_does_not_prove_a_larger_one_does() -> None:
    """Proven with a larger budget, the optimum lies inside the gap that the usual one tells."""
    question = load_basket(_basket(50, 9))
    usual, large = price_basket(question, RULES), price_basket(question, RULES, state_budget=300_000)
    assert (usual.proof, large.proof) == ("bound", "exact")
    assert usual.payable_minor - usual.gap_minor <= large.payable_minor <= usual.payable_minor


def test_the_order_of_lines_changes_nothing() -> None:
    basket = _basket(100, 4)
    lines = list(basket["lines"])
    Random(1).shuffle(lines)
    shuffled = price_basket(load_basket({**basket, "lines": lines}), RULES)
    assert encode_bytes(shuffled) == encode_bytes(price_basket(load_basket(basket), RULES))


def test_fewest_open_keeps_the_order_of_every_machine() -> None:
    random = Random(7)
    offer = Offer(None, ())
    machines = [Automaton(offer, sorted(random.sample(range(60), 5)), [1] * 5, True) for _ in range(20)]
    places = sorted({place for machine in machines for place in machine.units})
    order = fewest_open(places, machines)
    assert sorted(order) == places
    at = {place: n for n, place in enumerate(order)}
    assert all([at[p] for p in m.units] == sorted(at[p] for p in m.units) for m in machines)
    assert _most_open(order, machines) <= _most_open(places, machines)


def _most_open(order: list[int], machines: list[Automaton]) -> int:
    at = {place: n for n, place in enumerate(order)}
    ends = [(at[m.units[0]], at[m.units[-1]]) for m in machines]
    return max(sum(first <= n < last for first, last in ends) for n in range(len(order)))


def test_where_hundreds_of_multi_buys_want_every_unit_a_pass_looks_at_no_more() -> None:
    places = list(range(100))
    few, many = (_pairs(places, number) for number in (20, 400))
    assert few.width == NARROW
    assert 2 <= many.width < NARROW
    assert many.width * 400 * 100 <= LOOKS_MAX


def _pairs(places: list[int], number: int) -> Component:
    """So many promotions on any two of the places, ready to be searched."""
    machines = []
    for _ in range(number):
        machine = Automaton(Offer(None, ()), places, [5] * len(places), True)
        machine.moves = [[Move(1, True, 0, 0, 1)], [Move(0, True, 0, 0, 1)]]
        machine.accept = [True, False]
        machines.append(machine)
    alone = [0] * len(places)
    component = Component(places, machines, alone, [5 * SCALE] * len(places))
    component.solve(100)
    return component
