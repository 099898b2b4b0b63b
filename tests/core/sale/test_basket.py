"""The basket as a value."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pos_core.errors import TidemarkError
from pos_core.quantity import BadQuantity
from pos_core.sale.balance import check_balance
from pos_core.sale.basket import LINES_MAX, Basket, BasketTooLarge, LineVoided, UnknownLine, pack_quantity
from pos_core.sale.basket_json import BadBasket, basket_from_json, basket_to_json
from pos_core.sale.line_item import label_line, weighed_line
from pos_core.sale.sale_body import sale_body
from pos_core.sale.tender import Payment
from pos_core.sale.totals import total_basket
from pos_core.sync.document import ReleaseRef
from tests.fakes.core_values import (
    CASH,
    EXEMPT,
    REDUCED,
    RELEASE,
    STANDARD,
    a_basket,
    a_line,
    an_item,
)


def _weighed(weight_milli: int = 452) -> object:
    return weighed_line(
        an_item("2001", sale_kind="weighed"), STANDARD, price_per_kg_minor=599, weight_milli=weight_milli
    )


def test_the_first_line_fixes_release_and_instant() -> None:
    basket = a_basket(a_line()).add_item(
        a_line(sku="1002"), release=ReleaseRef(8, "cd" * 32), instant_ms=9_999
    )
    assert (basket.release, basket.instant_ms) == (RELEASE, 1_000)


def test_an_operation_leaves_the_basket_before_as_it_was() -> None:
    before = a_basket(a_line())
    before.set_quantity(1, 5000)
    before.void_line(1)
    assert before == a_basket(a_line())


def test_numbers_are_never_used_twice() -> None:
    basket = a_basket(a_line(), a_line(sku="1002")).void_line(2)
    basket = basket.add_item(a_line(sku="1003"), release=None, instant_ms=0)
    assert [line.line_no for line in basket.lines] == [1, 3]


def test_a_second_scan_of_the_newest_item_may_merge() -> None:
    basket = a_basket(a_line()).add_item(a_line(), release=None, instant_ms=0, merge=True)
    assert [(line.line_no, line.quantity_milli) for line in basket.lines] == [(1, 2000)]


@pytest.mark.parametrize(
    "line", [a_line(sku="1002"), a_line(351), replace(a_line(), gtin=None), replace(a_line(), entered="plu")]
)
def test_only_the_same_in_all_but_quantity_merges(line: object) -> None:
    assert len(a_basket(a_line()).add_item(line, release=None, instant_ms=0, merge=True).lines) == 2  # type: ignore[arg-type]


def test_weighed_and_labelled_lines_never_merge_and_keep_their_quantity() -> None:
    label = label_line(an_item(), STANDARD, unit_price_minor=350, amount_minor=199)
    for line in (_weighed(), label):
        basket = a_basket(line).add_item(line, release=None, instant_ms=0, merge=True)  # type: ignore[arg-type]
        assert len(basket.lines) == 2
        with pytest.raises(BadQuantity):
            basket.set_quantity(1, 2000)


@pytest.mark.parametrize(
    ("quantity", "code"), [(0, "bad_quantity"), (1500, "quantity_not_whole"), (10**13, "bad_quantity")]
)
def test_a_wrong_quantity_is_refused(quantity: int, code: str) -> None:
    with pytest.raises(TidemarkError) as refused:
        a_basket().set_quantity(1, quantity)
    assert refused.value.code == code


def test_a_voided_line_is_remembered_whole_and_cannot_be_touched_again() -> None:
    basket = a_basket(a_line(), a_line(sku="1002")).void_line(1)
    assert [line.sku for line in basket.voided] == ["1001"] and basket.voided[0].list_minor == 350
    with pytest.raises(LineVoided):
        basket.void_line(1)
    with pytest.raises(UnknownLine):
        basket.set_quantity(3, 1000)


def test_a_cleared_basket_forgets_all_but_its_store() -> None:
    basket = a_basket(a_line()).with_member("M1").clear()
    assert basket == Basket(price_list_id="PL1") and basket.is_empty and basket.newest is None


def test_a_basket_has_a_largest_size() -> None:
    full = replace(a_basket(), next_line_no=LINES_MAX + 1)
    with pytest.raises(BasketTooLarge) as refused:
        full.add_item(a_line(sku="1002"), release=None, instant_ms=0)
    assert refused.value.facts["maximum"] == LINES_MAX


def test_scans_of_a_pack_sell_its_pieces() -> None:
    assert pack_quantity(2000, 6000) == 12000
    for count, pack in ((1, 1), (10**12, 10**12), (0, 6000)):
        with pytest.raises(BadQuantity):
            pack_quantity(count, pack)


def test_a_stored_basket_comes_back_equal() -> None:
    basket = a_basket(a_line(), _weighed(), a_line(sku="3")).void_line(1).with_member("M1")  # type: ignore[arg-type]
    assert basket_from_json(basket_to_json(basket)) == basket
    assert basket_from_json(basket_to_json(Basket())) == Basket()


@pytest.mark.parametrize("change", [{"v": 2}, {"lines": [{}]}, {"release": 5}, {"lines": None}])
def test_a_stored_basket_of_another_form_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(BadBasket):
        basket_from_json({**basket_to_json(a_basket()), **change})


ADD = st.tuples(
    st.just("add"),
    st.integers(1, 5),
    st.integers(1, 10**6),
    st.sampled_from([STANDARD, REDUCED, EXEMPT]),
    st.booleans(),
)
WEIGH = st.tuples(st.just("weigh"), st.integers(1, 50_000))
SET = st.tuples(st.just("set"), st.integers(1, 12), st.integers(-1, 9))
VOID = st.tuples(st.just("void"), st.integers(1, 12))


@given(st.lists(ADD | WEIGH | SET | VOID, max_size=25))
def test_any_sequence_of_operations_leaves_a_sale_that_balances(operations: list[tuple]) -> None:  # type: ignore[type-arg]
    basket, begun = Basket(price_list_id="PL1"), 0
    for operation in operations:
        try:
            basket = _apply(basket, operation)
        except TidemarkError:
            continue
        begun = basket.next_line_no - 1
        assert len(basket.lines) + len(basket.voided) == begun
        numbers = [line.line_no for line in (*basket.lines, *basket.voided)]
        assert sorted(numbers) == list(range(1, begun + 1))
    if basket.is_empty:
        return
    totals = total_basket(basket)
    payment = Payment(totals.net_minor).add(CASH) if totals.net_minor else Payment(0)
    body = sale_body(basket, payment, totals=totals)
    check_balance(body)
    assert basket_from_json(basket_to_json(basket)) == basket


def _apply(basket: Basket, operation: tuple) -> Basket:  # type: ignore[type-arg]
    match operation:
        case ("add", sku, price, tax_class, merge):
            line = a_line(price, sku=str(sku), tax_class=tax_class)
            return basket.add_item(line, release=RELEASE, instant_ms=1, merge=merge)
        case ("weigh", weight):
            return basket.add_item(_weighed(weight), release=RELEASE, instant_ms=1)  # type: ignore[arg-type]
        case ("set", line_no, pieces):
            return basket.set_quantity(line_no, pieces * 1000)
        case _:
            return basket.void_line(operation[1])
