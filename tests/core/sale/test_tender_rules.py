"""Rules of tenders as head office publishes them, and what they can never break: the balance."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pos_core.catalog.store import TenderType
from pos_core.errors import TidemarkError
from pos_core.sale.balance import check_balance
from pos_core.sale.sale_body import sale_body
from pos_core.sale.tender import Payment, TenderTooHigh
from pos_core.sale.tender_rules import (
    BadTenderRules,
    ReferenceRequired,
    ReferenceTwice,
    TenderMustCover,
    TenderOverMost,
    TenderTooLow,
    TenderTooOften,
    parse_tender_rules,
)
from tests.fakes.core_values import CARD, CASH, a_basket, a_line

VOUCHER = TenderType("voucher", "voucher", "代金券", "Voucher", False, False, 5)


def payment(net: int, **rule: Any) -> Payment:
    return Payment(net, rules=parse_tender_rules({"voucher": rule}))


def test_a_voucher_worth_more_is_refused_or_forfeits_the_rest() -> None:
    with pytest.raises(TenderTooHigh):
        payment(4_200).add(VOUCHER, 5_000)
    paid = payment(4_200, over="forfeit").add(VOUCHER, 5_000)
    body = sale_body(a_basket(a_line(4_200)), paid)
    check_balance(body)
    assert body["tenders"][0] == {
        "tender_code": "voucher", "tender_kind": "voucher", "amount_minor": 4_200, "change_minor": 0,
        "confirmed": None, "reference": None, "face_minor": 5_000,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("rule", "amount", "refusal"),
    [
        ({"least_minor": 1_000}, 999, TenderTooLow),
        ({"most_minor": 3_000}, 3_001, TenderOverMost),
        ({"partial": False}, 4_199, TenderMustCover),
        ({"reference": "required"}, 100, ReferenceRequired),
    ],
)
def test_a_rule_refuses_by_name(rule: dict[str, Any], amount: int, refusal: type[TidemarkError]) -> None:
    with pytest.raises(refusal):
        payment(4_200, **rule).add(VOUCHER, amount)
    payment(4_200).add(VOUCHER, amount)  # without the rule it is taken


def test_the_same_voucher_stands_only_once_and_only_so_often() -> None:
    rules = payment(4_200, reference="required", times_max=2, most_minor=2_500)
    once = rules.add(VOUCHER, 1_000, reference="V1")
    with pytest.raises(ReferenceTwice):
        once.add(VOUCHER, 1_000, reference="V1")
    with pytest.raises(TenderOverMost):
        once.add(VOUCHER, 1_600, reference="V2")
    twice = once.add(VOUCHER, 1_000, reference="V2")
    with pytest.raises(TenderTooOften):
        twice.add(VOUCHER, 100, reference="V3")
    assert twice.add(CASH, 5_000).can_finish


@given(
    st.integers(1, 10**5),
    st.lists(st.tuples(st.sampled_from([CASH, CARD, VOUCHER]), st.integers(1, 10**5)), max_size=6),
    st.sampled_from(["refuse", "forfeit"]),
)
def test_whatever_is_taken_the_sale_balances(
    net: int, tenders: list[tuple[TenderType, int]], over: str
) -> None:
    paid = payment(net, over=over)
    for tender, amount in tenders:
        try:
            paid = paid.add(tender, amount)
        except TidemarkError:
            continue
    if not paid.can_finish:
        paid = paid.add(CASH)
    body = sale_body(a_basket(a_line(net)), paid)
    check_balance(body)
    for tender in body["tenders"]:
        assert tender.get("face_minor", tender["amount_minor"]) >= tender["amount_minor"]


@pytest.mark.parametrize(
    "value",
    [[], {"v": 1}, {"v": {"over": "change"}}, {"v": {"least_minor": -1}}, {"v": {"most_minor": 1.5}},
     {"v": {"partial": 1}}, {"v": {"reference": "maybe"}}, {"v": {"times_max": 0}}],
)  # fmt: skip
def test_a_policy_that_cannot_be_understood_is_refused(value: Any) -> None:
    with pytest.raises(BadTenderRules):
        parse_tender_rules(value)
    assert parse_tender_rules(None) == {}
