"""Discounts by hand: shares that add up, never below nothing, in the order that is documented."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pos_core.sale.by_hand import BadByHand, ByHand, parse_by_hand
from pos_core.sale.limits import KINDS, BadRoleLimits, parse_role_limits
from pos_core.sale.line_item import LineItem
from pos_core.sale.manual import ManualDiscount, override_discount, with_manual, without_last
from pos_core.sale.reasons import DEFAULT_REASONS, BadReasonCodes, parse_reasons
from tests.fakes.core_values import a_line


def lines(*amounts: int) -> tuple[LineItem, ...]:
    return tuple(replace(a_line(amount), line_no=place) for place, amount in enumerate(amounts, start=1))


def off(line_no: int | None, rate: int = 0, amount: int = 0) -> ManualDiscount:
    return ManualDiscount(line_no, rate, amount, "goodwill", "让利")


@pytest.mark.parametrize(
    ("amounts", "given", "nets"),
    [
        ((1000,), [off(1, amount=150)], [850]),
        ((999,), [off(1, rate=100_000)], [899]),  # 99.9 half-up is 100
        ((1000, 500), [off(None, amount=100)], [933, 467]),  # 66.6… and 33.3…
        ((1000, 500), [off(None, rate=50_000)], [950, 475]),
        ((1000, 500), [off(1, amount=400), off(None, rate=100_000)], [540, 450]),  # the line first
        ((100,), [off(1, amount=5000)], [0]),  # never below nothing
        ((100, 1), [off(None, amount=101)], [0, 0]),
    ],
)
def test_by_hand_comes_last_and_line_before_basket(
    amounts: tuple[int, ...], given: list[ManualDiscount], nets: list[int]
) -> None:
    assert [line.net_minor for line in with_manual(lines(*amounts), tuple(given))] == nets


def test_what_points_pay_and_what_is_not_discountable_stays() -> None:
    goods = lines(1000, 300)
    deposit = replace(goods[1], discountable=False)
    after = with_manual((goods[0], deposit), (off(None, amount=900),), reserved={1: 400})
    assert [line.net_minor for line in after] == [400, 300]


def test_a_price_by_hand_takes_off_the_difference_and_never_adds() -> None:
    line = replace(a_line(350), quantity_milli=3000, manual_price_minor=300, manual_name="破损")
    discount = override_discount(line)
    assert discount is not None and (discount.amount_minor, discount.id) == (150, "price_override")
    assert override_discount(replace(line, manual_price_minor=400)) is None


AMOUNTS = st.lists(st.integers(1, 10**9), min_size=1, max_size=12)
GIVEN = st.one_of(
    st.builds(lambda rate: (rate, 0), st.integers(1, 10**6)),
    st.builds(lambda amount: (0, amount), st.integers(1, 10**10)),
)


@given(AMOUNTS, GIVEN, GIVEN, st.integers(0, 11))
def test_shares_add_up_and_nothing_falls_below_nothing(
    amounts: list[int], own: tuple[int, int], whole: tuple[int, int], place: int
) -> None:
    goods = lines(*amounts)
    line_no = place % len(goods) + 1
    after = with_manual(goods, (off(line_no, *own), off(None, *whole)))
    assert all(0 <= line.net_minor <= line.list_minor for line in after)
    shared = [d.amount_minor for line in after for d in line.discounts if d.id == "basket_discount"]
    left = sum(line.list_minor for line in after) - sum(
        d.amount_minor for line in after for d in line.discounts if d.id == "line_discount"
    )
    wanted = (left * whole[0] * 2 + 10**6) // (2 * 10**6) if whole[0] else whole[1]
    assert sum(shared) == min(left, wanted)
    assert tuple(without_last(line) for line in after) == goods


def test_limits_have_defaults_and_policies_change_them_one_by_one() -> None:
    limits = parse_role_limits(None)
    assert set(limits.limits["manager"]) == set(limits.limits["cashier"]) == set(KINDS)
    assert limits.allows("cashier", "line_discount", rate_ppm=100_000, amount_minor=2000)
    assert not limits.allows("cashier", "line_discount", rate_ppm=100_001)
    assert not limits.allows("cashier", "line_discount", amount_minor=2001)
    assert not limits.allows("cashier", "below_floor")
    assert not limits.allows("robot", "void")
    changed = parse_role_limits({"cashier": {"void": False, "no_sale": {"amount_minor": 0}}})
    assert not changed.allows("cashier", "void")
    assert changed.allows("cashier", "no_sale") and not changed.allows("cashier", "no_sale", amount_minor=1)
    assert changed.allows("cashier", "line_discount", rate_ppm=100_000)
    assert parse_role_limits(None, exponent=0).allows("cashier", "line_discount", amount_minor=20)
    assert not parse_role_limits(None, exponent=0).allows("cashier", "line_discount", amount_minor=21)


@pytest.mark.parametrize(
    "policy",
    [[], {"boss": {}}, {"cashier": 5}, {"cashier": {"fly": True}}, {"cashier": {"void": 3}},
     {"cashier": {"void": {"rate_ppm": -1}}}, {"cashier": {"void": {"rate_ppm": 1.5}}},
     {"cashier": {"void": {"rate": 1}}}, {"cashier": {"void": {"amount_minor": True}}}],
)  # fmt: skip
def test_a_wrong_limit_is_named(policy: object) -> None:
    with pytest.raises(BadRoleLimits) as caught:
        parse_role_limits(policy)
    assert str(caught.value.facts["path"]).startswith("role_limits")


@pytest.mark.parametrize(
    "policy",
    [[], {"fly": []}, {"void": {}}, {"void": [1]}, {"void": [{"code": "", "name": "x"}]},
     {"void": [{"code": "a", "name": ""}]},
     {"void": [{"code": "a", "name": "x"}, {"code": "a", "name": "y"}]},
     {"void": [{"code": "a", "name": "x", "name_en": 5}]}],
)  # fmt: skip
def test_a_wrong_reason_is_named(policy: object) -> None:
    with pytest.raises(BadReasonCodes) as caught:
        parse_reasons(policy)
    assert str(caught.value.facts["path"]).startswith("reason_codes")


def test_reasons_of_a_kind_are_replaced_and_the_others_stay() -> None:
    found = parse_reasons({"void": [{"code": "a", "name": "甲"}], "line_discount": []})
    assert [(each.code, each.name_en) for each in found["void"]] == [("a", "甲")]
    assert found["line_discount"] == () and found["return"] == DEFAULT_REASONS["return"]


def test_how_figures_by_hand_are_typed_is_a_policy_of_two_choices() -> None:
    assert parse_by_hand(None) == parse_by_hand({}) == ByHand("percent", "first")
    assert parse_by_hand({"figure": "amount", "reason": "ask"}) == ByHand("amount", "ask")
    for wrong in ([], {"figure": "z"}, {"reason": True}, {"figures": "percent"}):
        with pytest.raises(BadByHand):
            parse_by_hand(wrong)
