"""Canonical units: order, splitting and line numbers leave no trace."""

from __future__ import annotations

import dataclasses
import random

from hypothesis import given
from hypothesis import strategies as st

from pos_core.pricing.basket import PricingLine
from pos_core.pricing.units import canonical_units


def line(line_id="1", sku="A", price=1000, pieces=1, **fields):
    return PricingLine(
        line_id=line_id, sku=sku, list_price_minor=price, quantity_milli=pieces * 1000, **fields
    )


def without_lines(units):
    return [u._replace(lines=()) for u in units]


def test_equal_units_merge_and_keep_where_they_came_from():
    (units,) = canonical_units([line("10", pieces=2), line("9", pieces=3)])
    assert units.units == 5
    assert units.lines == (("9", 3), ("10", 2))


def test_dearest_first_then_sku():
    units = canonical_units([line("1", "B", 500), line("2", "C", 900), line("3", "A", 500)])
    assert [u.sku for u in units] == ["C", "A", "B"]


def test_a_weighed_line_is_one_unit_at_its_label_amount():
    weighed = PricingLine(
        line_id="1",
        sku="apple",
        list_price_minor=599,
        quantity_milli=452,
        weighed=True,
        line_amount_minor=270,
    )
    (units,) = canonical_units([weighed])
    assert (units.units, units.list_minor, units.quantity_milli) == (1, 270, 452)
    (computed,) = canonical_units([dataclasses.replace(weighed, line_amount_minor=None)])
    assert computed.list_minor == 271


def test_units_taken_for_points_stand_apart():
    units = canonical_units([line("1", pieces=3)], {"1": ("mug-for-points", 1)})
    assert sorted((u.goods, u.units) for u in units) == [("", 2), ("mug-for-points", 1)]
    assert not next(u for u in units if u.goods).counts


@given(
    st.lists(st.tuples(st.sampled_from("ABC"), st.sampled_from([100, 200]), st.integers(1, 4)), max_size=6),
    st.integers(0, 2**32),
)
def test_permuting_and_splitting_lines_changes_nothing(goods, seed):
    shuffle = random.Random(seed)
    whole = [line(str(i), sku, price, pieces) for i, (sku, price, pieces) in enumerate(goods)]
    split = [line(f"x{i}-{j}", s, p) for i, (s, p, pieces) in enumerate(goods) for j in range(pieces)]
    shuffle.shuffle(split)
    assert without_lines(canonical_units(split)) == without_lines(canonical_units(whole))
