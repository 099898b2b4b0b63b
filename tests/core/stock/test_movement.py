"""Stock on hand is the last count plus what moved after it."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from pos_core.stock.movement import StockFact, on_hand


def _fact(at: int, kind: str, quantity: int, number: int = 1) -> StockFact:
    return StockFact(f"{at:012x}-0000", "ws-1", 1, number, 1, kind, quantity)  # type: ignore[arg-type]


def test_movements_add_up_from_the_opening_and_may_go_below_zero() -> None:
    assert on_hand([_fact(1, "movement", -3000), _fact(2, "movement", 1000)], opening_milli=1000) == -1000


def test_a_count_replaces_what_was_before_it_only() -> None:
    facts = [_fact(1, "movement", -3000), _fact(2, "count", 10_000), _fact(3, "movement", -1000)]
    assert on_hand(facts, opening_milli=99_000) == 9000


@given(
    st.lists(
        st.tuples(st.integers(0, 9), st.sampled_from(["movement", "count"]), st.integers(0, 99)), max_size=12
    ),
    st.randoms(),
)
def test_any_order_of_arrival_folds_to_the_same(
    rows: list[tuple[int, str, int]], dice: random.Random
) -> None:
    facts = [_fact(at, kind, quantity, number) for number, (at, kind, quantity) in enumerate(rows)]
    shuffled = list(facts)
    dice.shuffle(shuffled)
    assert on_hand(shuffled) == on_hand(facts)
