"""A summary gives the same returns as the sale itself, and says nothing of anybody else's bytes."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pos_core.compact import NotCompact, pack, unpack
from pos_core.pricing.basket import PricingInput
from pos_core.pricing.compiled import compile_rules
from pos_core.pricing.engine import price_basket
from pos_core.pricing.refund import left_to_return, refund
from pos_core.pricing.refund_terms import refund_terms
from pos_core.pricing.refund_values import PricedSale, Refund, RefundRequest, ReturnedUnits
from pos_core.pricing.rule import PromotionSet
from pos_core.pricing.sale_record import sale_record
from pos_core.sale.receipt_code import chain_mark, code_text, read_code, statement_of
from pos_core.sale.receipt_summary import pack_summary, unpack_summary
from pos_core.sale.refunding import left_of, plan_refund
from pos_core.sale.shares_value import shares_from, shares_value
from pos_core.sale.sold_shares import shares_of, used_promotions
from tests.core.pricing.strategies import questions
from tests.core.sale.test_refunding import LINES, TENTHS, give_back, sale

HEADER = {
    "workstation_id": "0190a1b2-0000-7000-8000-00000000000a",
    "incarnation": 2,
    "number": 4711,
    "store_id": "S001",
    "business_day": "2026-11-28",
    "occurred_at_ms": 1_795_000_000_000,
}


def summed_up(body: dict[str, Any]) -> dict[str, Any]:
    packed = pack_summary({**HEADER, "body": body}, chain=chain_mark("c1"))
    return dict(unpack_summary(packed).sold)


@settings(max_examples=40, deadline=None)
@given(LINES, st.integers(0, 3000), st.integers(0, 9000), st.randoms())
def test_each_return_is_the_same_from_the_sale_and_from_its_summary(
    lines: list[tuple[int, int]], off: int, card_minor: int, dice: Any
) -> None:
    body = sale(*lines, off=off, card_minor=card_minor)
    summary = summed_up(body)
    done: list[dict[str, Any]] = []
    while left := left_of(body, done):
        assert left_of(summary, done) == left
        chosen = dice.sample(sorted(left), dice.randint(1, len(left)))
        wanted = {no: 1000 * dice.randint(1, left[no] // 1000) for no in chosen}
        plan = plan_refund(body, done, wanted, rounding=TENTHS)
        assert plan_refund(summary, done, wanted, rounding=TENTHS) == plan
        done.append(give_back(summary, done, wanted))
    assert sum(each["total_minor"] for each in done) == body["total_minor"]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(questions(), st.randoms())
def test_points_coupons_and_uses_come_back_as_the_engine_says(
    drawn: tuple[PricingInput, PromotionSet], dice: Any
) -> None:
    rules = compile_rules(drawn[1])
    lines = tuple(replace(line, line_id=str(no)) for no, line in enumerate(drawn[0].lines, start=1))
    question = replace(drawn[0], lines=lines)
    answer = price_basket(question, rules)
    priced = PricedSale(question=question, answer=answer, terms=refund_terms(answer, rules))
    body = {"pricing": sale_record(question, answer, rules), "points_movements": [{}]}
    shares = shares_from(unpack(pack(shares_value(shares_of(body, used_promotions(body))))))
    assert shares_of(body).limited == (), "what nobody limits takes no room"
    given: dict[str, tuple[int, int]] = {}
    done: list[Refund] = []
    back: dict[int, int] = {}
    while lines := [line for line, units in left_to_return(priced, done).items() if units]:
        line = dice.choice(lines)
        found = refund(priced, RefundRequest(returned=(ReturnedUnits(line_id=line, units=1),)), done, rules)
        done.append(found)
        before = dict(back)
        back[int(line)] = back.get(int(line), 0) + 1
        if shares.whole_only:
            continue
        (earned, spent), (earned_before, spent_before) = shares.points(back), shares.points(before)
        assert (earned - earned_before, spent - spent_before) == (
            found.points_taken_back,
            found.points_given_back,
        )
        for use in found.restored:
            counted, amount = given.get(use.promotion_id, (0, 0))
            given[use.promotion_id] = (counted + use.counted, amount + use.amount_minor)
        assert {name: both for name, both in shares.uses_back(back).items() if any(both)} == given
        old, new = shares.coupons_back(before), shares.coupons_back(back)
        assert {k: n - old.get(k, 0) for k, n in new.items() if n > old.get(k, 0)} == {
            each.coupon_id: each.uses for each in found.coupons
        }


def test_a_small_sale_is_a_small_code() -> None:
    body = sale((1000, 2), (350, 1), (599, 3), (1280, 1), (90, 6), off=100, card_minor=500)
    packed = pack_summary({**HEADER, "body": body}, chain=chain_mark("c1"))
    text = code_text(packed, bytes(64))
    assert text is not None and len(text) < 420
    again = read_code(text.lower())
    assert again.statement == statement_of(packed)
    assert (again.summary.number, again.summary.store_id) == (4711, "S001")


def test_a_sale_too_long_for_paper_has_no_code() -> None:
    dice = random.Random(3)
    body = sale(*((dice.randrange(1, 99999), dice.randrange(1, 9)) for _ in range(120)))
    assert code_text(pack_summary({**HEADER, "body": body}, chain=""), bytes(64)) is None


VALUES = st.recursive(
    st.none() | st.integers(-(2**62), 2**62) | st.text(max_size=20) | st.uuids().map(str),
    lambda inner: st.lists(inner, max_size=5),
    max_leaves=20,
)


@settings(max_examples=30, deadline=None)
@given(VALUES)
def test_what_is_packed_is_unpacked(value: Any) -> None:
    assert unpack(pack(value)) == value


@given(st.binary(max_size=200))
def test_no_bytes_of_a_stranger_do_harm(data: bytes) -> None:
    for read in (unpack, unpack_summary):
        try:
            read(data)
        except NotCompact:
            continue


@given(st.integers(0, 10_000), st.integers(0, 7))
def test_a_flipped_bit_is_refused_or_reads_as_something_else(place: int, bit: int) -> None:
    packed = bytearray(pack_summary({**HEADER, "body": sale((1000, 2))}, chain=""))
    packed[place % len(packed)] ^= 1 << bit
    try:
        unpack_summary(bytes(packed))
    except NotCompact:
        return


@pytest.mark.parametrize("text", ["", "TMR1.", "TMR1.!!", "TMR1.ABC", "TMR1." + "A" * 2000, "TM1.ws.1.2"])
def test_what_is_no_code_is_refused(text: str) -> None:
    with pytest.raises(NotCompact):
        read_code(text)
