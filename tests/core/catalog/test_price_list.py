"""Dated prices: the row in force at an instant, under a release."""

from __future__ import annotations

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pos_core.catalog.price_list import PriceRow, next_change_ms, price_at


def _row(since: int, start: int, end: int | None, price: int) -> PriceRow:
    return PriceRow("PL1", "1001", since, start, end, price)


EVERYDAY = _row(1, 0, None, 1000)
SPECIAL = _row(1, 100, 200, 800)
LATER = _row(1, 300, None, 1100)


@pytest.mark.parametrize(
    ("instant", "price"),
    [(0, 1000), (99, 1000), (100, 800), (199, 800), (200, 1000), (299, 1000), (300, 1100)],
)
def test_a_change_takes_effect_at_its_very_millisecond_and_ends_before_its_end(
    instant: int, price: int
) -> None:
    for rows in permutations([EVERYDAY, SPECIAL, LATER]):
        found = price_at(rows, release_version=1, instant_ms=instant)
        assert found is not None and found.price_minor == price


def test_before_the_first_row_there_is_no_price() -> None:
    assert price_at([_row(1, 50, None, 1)], release_version=1, instant_ms=49) is None
    assert price_at([], release_version=1, instant_ms=0) is None


def test_a_newer_release_replaces_all_rows_and_a_basket_keeps_its_own() -> None:
    newer = _row(2, 150, None, 700)
    rows = [EVERYDAY, SPECIAL, newer]
    assert [
        getattr(price_at(rows, release_version=v, instant_ms=160), "price_minor", None) for v in (0, 1, 2, 9)
    ] == [
        None,
        800,
        700,
        700,
    ]


def test_a_release_whose_rows_are_not_valid_yet_leaves_no_price() -> None:
    """Rows of an older release never shine through: the newer release says all there is."""
    assert price_at([EVERYDAY, _row(2, 150, None, 700)], release_version=2, instant_ms=100) is None


def test_the_next_change_is_told_and_equal_prices_are_no_change() -> None:
    rows = [EVERYDAY, SPECIAL, _row(1, 250, None, 1000), LATER]
    found = [next_change_ms(rows, release_version=1, instant_ms=instant) for instant in (0, 100, 200, 300)]
    assert found == [100, 200, 300, None]


ROWS = st.lists(
    st.builds(_row, st.integers(0, 3), st.integers(0, 20), st.none() | st.integers(1, 25), st.integers(1, 5)),
    max_size=8,
    unique_by=lambda row: (row.since_release, row.effective_from_ms),
)


@given(ROWS, st.integers(0, 3), st.integers(0, 30))
def test_between_two_changes_the_price_never_moves(rows: list[PriceRow], version: int, instant: int) -> None:
    def price(at: int) -> int | None:
        row = price_at(rows, release_version=version, instant_ms=at)
        return row and row.price_minor

    change = next_change_ms(rows, release_version=version, instant_ms=instant)
    for at in range(instant, 40 if change is None else change):
        assert price(at) == price(instant)
    if change is not None:
        assert price(change) != price(instant)
