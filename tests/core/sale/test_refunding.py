"""Returns: exactly what was paid, in any order and any parts, to the tenders that paid."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pos_core.catalog.store import TenderType
from pos_core.sale.cash_rounding import CashRounding
from pos_core.sale.manual import ManualDiscount, with_manual
from pos_core.sale.refunding import NothingReturned, left_of, plan_refund
from pos_core.sale.return_body import return_body
from pos_core.sale.returns import NotReturnable, ReturnedTooMuch
from pos_core.sale.sale_body import sale_body
from pos_core.sale.sold_units import sold_lines
from pos_core.sale.tender import Payment
from pos_core.sale.totals import total_basket
from pos_core.sync.envelope import check_body
from tests.fakes.core_values import a_basket, a_line

CASH = TenderType("cash", "cash", "现金", "Cash", True, True, 1)
CARD = TenderType("card", "card", "银行卡", "Card", False, False, 2)
TENTHS = CashRounding(10, "down")
ORIGIN = {"workstation_id": "ws-1", "incarnation": 1, "number": 7}


def sale(
    *lines: tuple[int, int], off: int = 0, card_minor: int = 0, step: CashRounding = TENTHS
) -> dict[str, Any]:
    """`lines`: (price, pieces); `off`: a basket discount; `card_minor` on the card, the rest in cash."""
    basket = a_basket(*(a_line(price, pieces * 1000, sku=str(n)) for n, (price, pieces) in enumerate(lines)))
    if off:
        given = (ManualDiscount(None, 0, off, "goodwill", "让利"),)
        basket = replace(basket, lines=with_manual(basket.lines, given))
    totals = total_basket(basket)
    payment = Payment(totals.net_minor, step)
    if totals.net_minor and 0 < card_minor < totals.net_minor:
        payment = payment.add(CARD, card_minor)
    if payment.remaining_minor or (totals.net_minor and not payment.tendered):
        payment = payment.add(CASH)
    return sale_body(basket, payment, totals=totals)


def give_back(
    body: dict[str, Any], earlier: list[dict[str, Any]], wanted: dict[int, int], **more: Any
) -> dict[str, Any]:
    plan = plan_refund(body, earlier, wanted, rounding=more.pop("rounding", TENTHS), **more)
    made = return_body(body, plan, origin=ORIGIN, reason_code="not_wanted")
    check_body("return", made)
    return made


def by_tender(bodies: list[dict[str, Any]]) -> dict[str, int]:
    found: dict[str, int] = {}
    for body in bodies:
        for each in body["tenders"]:
            code = each["tender_code"]
            found[code] = found.get(code, 0) + each["amount_minor"] - each["change_minor"]
    return {code: amount for code, amount in found.items() if amount}


def test_units_of_a_line_go_back_the_cheapest_first() -> None:
    body = sale((1000, 3), off=100, step=CashRounding())
    assert [(p.units, p.net_minor) for p in sold_lines(body)[1].parts] == [(2, 967), (1, 966)][::-1]
    first = give_back(body, [], {1: 1000}, rounding=CashRounding())
    rest = give_back(body, [first], {1: 2000}, rounding=CashRounding())
    assert (first["total_minor"], rest["total_minor"]) == (966, 1934)


def test_cash_that_was_rounded_goes_back_as_it_was_paid() -> None:
    body = sale((599, 1), (350, 3))  # 16.49, paid 16.40
    first = give_back(body, [], {1: 1000})
    assert (first["total_minor"], first["cash_rounding_minor"]) == (590, -9)
    rest = give_back(body, [first], {2: 3000})
    assert (rest["total_minor"], rest["cash_rounding_minor"]) == (1050, 0)
    assert give_back(body, [], {1: 1000, 2: 3000})["total_minor"] == 1640


def test_what_is_no_cash_goes_back_first_and_an_exchange_before_it() -> None:
    body = sale((1000, 2), card_minor=1500)
    assert by_tender([give_back(body, [], {1: 1000})]) == {"card": 1000}
    assert by_tender([give_back(body, [], {1: 1000}, exchange_minor=300)]) == {"exchange": 300, "card": 700}
    both = give_back(body, [], {1: 2000}, exchange_minor=600)
    assert by_tender([both]) == {"exchange": 600, "card": 1400}


@pytest.mark.parametrize(
    ("wanted", "error"),
    [({}, NothingReturned), ({9: 1000}, NotReturnable), ({1: 3000}, ReturnedTooMuch),
     ({1: 0}, ReturnedTooMuch), ({1: 500}, ReturnedTooMuch), ({1: -1000}, ReturnedTooMuch)],
)  # fmt: skip
def test_what_was_not_bought_does_not_come_back(wanted: dict[int, int], error: type[Exception]) -> None:
    with pytest.raises(error):
        give_back(sale((1000, 2)), [], wanted)


def test_nothing_comes_back_twice() -> None:
    body = sale((1000, 2))
    done = [give_back(body, [], {1: 2000})]
    with pytest.raises(ReturnedTooMuch):
        give_back(body, done, {1: 1000})


def nets_by_line(bodies: list[dict[str, Any]], key: str) -> dict[int, int]:
    found = Counter[int]()
    for body in bodies:
        for line in body["lines"]:
            found[line[key]] += line["net_minor"]
    return dict(found)


LINES = st.lists(st.tuples(st.integers(1, 5000), st.integers(1, 4)), min_size=1, max_size=5)


@given(LINES, st.integers(0, 3000), st.integers(0, 9000), st.sampled_from([1, 10, 100]), st.randoms())
def test_any_returns_give_back_everything_and_never_more(
    lines: list[tuple[int, int]], off: int, card_minor: int, step: int, dice: Any
) -> None:
    rounding = CashRounding(step, dice.choice(["down", "half_up"]))
    body = sale(*lines, off=off, card_minor=card_minor, step=rounding)
    done: list[dict[str, Any]] = []
    while left := left_of(body, done):
        chosen = dice.sample(sorted(left), dice.randint(1, len(left)))
        wanted = {no: 1000 * dice.randint(1, left[no] // 1000) for no in chosen}
        exchange = dice.choice([0, 0, 700])
        made = give_back(body, done, wanted, rounding=rounding, exchange_minor=exchange)
        assert made["total_minor"] >= 0
        assert all(each["amount_minor"] >= 0 for each in made["tenders"])
        done.append(made)
        assert sum(each["total_minor"] for each in done) <= body["total_minor"]
        no = dice.choice(sorted(wanted))
        with pytest.raises((ReturnedTooMuch, NotReturnable)):
            give_back(body, done, {no: left[no] - wanted[no] + 1000}, rounding=rounding)
    assert sum(each["total_minor"] for each in done) == body["total_minor"]
    assert nets_by_line(done, "origin_line_no") == nets_by_line([body], "line_no"), (
        "of each line, to the cent"
    )
    back, paid = by_tender(done), by_tender([body])
    exchanged = back.pop("exchange", 0)
    assert all(amount <= paid.get(code, 0) for code, amount in back.items())
    assert sum(back.values()) + exchanged == sum(paid.values())
