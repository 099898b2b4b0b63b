"""The index answers what a plain reading of every selection answers."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pos_core.pricing.index import SelectionIndex
from pos_core.pricing.selection import EVERYTHING, Clause, Selection
from tests.core.pricing.build import rule, rules

SKUS, BRANDS, DEPARTMENTS, TAGS = "AB", "xy", ("food", "drinks", "tea"), ("new", "fresh")


def some(names):
    return st.lists(st.sampled_from(names), unique=True, max_size=2).map(tuple)


CLAUSE = st.builds(
    Clause, skus=some(SKUS), brands=some(BRANDS), departments=some(DEPARTMENTS), tags=some(TAGS)
).filter(lambda clause: clause != Clause())
SELECTION = st.builds(
    Selection,
    any_of=st.lists(CLAUSE, max_size=3).map(tuple),
    exclude=st.lists(CLAUSE, max_size=2).map(tuple),
)


def plainly(selection, sku, brand, departments, tags):
    def fits(clause):
        return (
            (not clause.skus or sku in clause.skus)
            and (not clause.brands or brand in clause.brands)
            and (not clause.departments or bool(set(clause.departments) & set(departments)))
            and (not clause.tags or bool(set(clause.tags) & set(tags)))
        )

    wanted = not selection.any_of or any(fits(c) for c in selection.any_of)
    return wanted and not any(fits(c) for c in selection.exclude)


@given(
    st.lists(SELECTION, max_size=6),
    st.sampled_from(SKUS),
    st.sampled_from([*BRANDS, ""]),
    some(DEPARTMENTS),
    some(TAGS),
)
def test_the_index_finds_what_reading_every_selection_finds(selections, sku, brand, departments, tags):
    index = SelectionIndex()
    numbers = [index.add(selection) for selection in selections]
    found = index.fitting(sku, brand, departments, tags)
    for number, selection in zip(numbers, selections, strict=True):
        assert (number in found) is plainly(selection, sku, brand, departments, tags)


def test_everything_is_number_0_and_equal_selections_share_a_number():
    index = SelectionIndex()
    tea = Selection(any_of=(Clause(departments=("tea",)),))
    assert index.add(EVERYTHING) == 0
    assert index.add(tea) == index.add(Selection(any_of=(Clause(departments=("tea",)),)))


def test_a_parent_department_takes_its_children_in():
    index = SelectionIndex()
    food = index.add(Selection(any_of=(Clause(departments=("food",)),)))
    assert food in index.fitting("A", "", ("food", "drinks", "tea"), ())
    assert food not in index.fitting("A", "", ("clothes",), ())


def test_both_ends_of_a_price_band_are_inside():
    index = SelectionIndex()
    band = index.add(Selection(price_min_minor=100, price_max_minor=200))
    assert [index.in_band(band, p) for p in (99, 100, 200, 201)] == [False, True, True, False]


def test_what_items_meet_is_known_where_skus_alone_decide_it() -> None:
    a = rule("a", "item", "percent_each", rate_ppm=100_000, skus="x y")
    release = rules(a)
    assert release.index.by_sku
    known = release.of_item(("x", "", (), ()), 100)
    assert release.of_item(("x", "brand", ("d",), ()), 900) is known
    branded = rules(a, rule("b", "item", "percent_each", rate_ppm=1, select={"any_of": [{"brands": ["n"]}]}))
    assert not branded.index.by_sku
    assert branded.of_item(("x", "n", (), ()), 100) != branded.of_item(("x", "", (), ()), 100)
