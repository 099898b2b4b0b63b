"""Counting the till, comparing, and the policy that says how."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pos_core.cash.count import BadCount, count_body, count_tender
from pos_core.cash.denominations import DENOMINATIONS_MINOR, denominations_of
from pos_core.cash.policy import ROLES, USES, BadCashPolicy, parse_cash_policy
from pos_core.cash.settlement import SettledTender, compare
from pos_core.cash.shift_totals import ShiftTotals
from pos_core.sync.envelope import check_body


@given(st.dictionaries(st.sampled_from(denominations_of("CNY")), st.integers(0, 500)), st.integers(0, 10**6))
def test_a_count_is_the_sum_of_its_pieces_and_its_body_passes(pieces: dict[int, int], loose: int) -> None:
    count = count_tender("cash", "cash", pieces, loose)
    assert count.counted_minor == sum(value * number for value, number in pieces.items()) + loose
    body = count_body([count], purpose="settlement", currency="CNY", exponent=2)
    check_body("till_counted", body)
    assert not any("expected" in name for name in body["tenders"][0])


@pytest.mark.parametrize(
    ("pieces", "loose"), [({100: -1}, 0), ({0: 1}, 0), ({-5: 1}, 0), ({100: 10**7}, 0), ({}, -1)]
)
def test_an_impossible_count_is_refused(pieces: dict[int, int], loose: int) -> None:
    with pytest.raises(BadCount):
        count_tender("cash", "cash", pieces, loose)


def test_what_nobody_counts_is_taken_as_expected() -> None:
    totals = ShiftTotals.opened(500).add(
        "sale",
        {
            "tenders": [
                {"tender_code": "card", "tender_kind": "card", "amount_minor": 90, "change_minor": 0}
            ],
            **dict.fromkeys(("total_minor", "discount_minor", "tax_minor", "cash_rounding_minor"), 0),
        },
    )
    settled = compare(totals, {"cash": ("cash", 480), "voucher": ("voucher", 50)})
    assert settled == (
        SettledTender("card", "card", 90, None),
        SettledTender("cash", "cash", 500, 480),
        SettledTender("voucher", "voucher", 0, 50),
    )
    assert [tender.difference_minor for tender in settled] == [0, -20, 50]


def test_denominations_are_data_and_fall() -> None:
    for pieces in DENOMINATIONS_MINOR.values():
        assert list(pieces) == sorted(set(pieces), reverse=True) and pieces[-1] > 0
    assert denominations_of("XXX") == ()


def test_the_default_policy_has_a_role_and_reasons_for_everything() -> None:
    policy = parse_cash_policy(None, currency="CNY")
    assert set(policy.roles) == set(ROLES) and set(policy.reasons) == set(USES)
    assert policy.may("manager", "training") and not policy.may("supervisor", "training")
    assert not policy.may("", "no_sale") and policy.may("cashier", "no_sale")


def test_head_office_changes_what_it_names_and_nothing_else() -> None:
    policy = parse_cash_policy(
        {
            "roles": {"no_sale": "manager"},
            "reasons": {"loan": [{"code": "x", "name": "零钞"}]},
            "denominations_minor": [50, 100],
            "new_field": 1,
        },
        currency="CNY",
    )
    assert policy.denominations_minor == (100, 50)
    assert not policy.may("supervisor", "no_sale") and policy.may("cashier", "pickup")
    assert policy.reason("loan", "x") is not None and policy.reason("pickup", "safe") is not None


@pytest.mark.parametrize(
    "value",
    [
        [],
        "x",
        {"roles": {"no_sale": "king"}},
        {"roles": {"fly": "cashier"}},
        {"reasons": {"loan": []}},
        {"reasons": {"loan": [{"code": ""}]}},
        {"reasons": {"theft": [{"code": "a", "name": "b"}]}},
        {"denominations_minor": [0]},
        {"denominations_minor": [1.5]},
        {"difference_free_minor": True},
        {"held_at_settlement": 1},
    ],
)
def test_a_policy_that_cannot_be_understood_is_refused(value: Any) -> None:
    with pytest.raises(BadCashPolicy):
        parse_cash_policy(value, currency="CNY")
