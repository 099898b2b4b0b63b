"""Codes that people type, and signed coupons in a QR code."""

from __future__ import annotations

import random

import pytest

from pos_core.customer.coupon_code import (
    NotACoupon,
    SignedCoupon,
    code_from,
    coupon_statement,
    is_qr_coupon,
    parse_coupon_code,
    parse_qr_text,
    printed_code,
    qr_text,
)

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
COUPON = SignedCoupon("c-1", "C-5020", 1_000, 2_000, "m1")


def _codes(count: int) -> list[str]:
    numbers = random.Random(20261128)
    return [code_from(numbers.randbytes(9)) for _ in range(count)]


@pytest.mark.parametrize(
    "dress", [str.lower, printed_code, lambda code: f" {code} ", lambda c: c.replace("0", "O")]
)
def test_a_code_is_read_back_however_it_was_typed(dress) -> None:
    for code in _codes(50):
        assert parse_coupon_code(dress(code)) == code


def test_every_single_slip_is_found() -> None:
    for code in _codes(5):
        for place, right in enumerate(code):
            for wrong in ALPHABET:
                if wrong != right:
                    with pytest.raises(NotACoupon):
                        parse_coupon_code(code[:place] + wrong + code[place + 1 :])


def test_a_swap_of_neighbours_is_found_unless_they_are_0_and_z() -> None:
    missed = set()
    for code in _codes(400):
        for place in range(13):
            pair = code[place : place + 2]
            swapped = code[:place] + pair[::-1] + code[place + 2 :]
            if swapped == code:
                continue
            try:
                parse_coupon_code(swapped)
            except NotACoupon:
                continue
            missed.add(frozenset(pair))
    assert missed <= {frozenset("0Z")}


@pytest.mark.parametrize("text", ["", "ABC", "U" * 14, "6901234567892", "0" * 13, "😀" * 14])
def test_other_texts_are_no_codes(text: str) -> None:
    with pytest.raises(NotACoupon):
        parse_coupon_code(text)


def test_a_qr_text_says_what_was_signed() -> None:
    text = qr_text(COUPON, "k1", b"s" * 64)
    found = parse_qr_text(text)
    assert is_qr_coupon(text)
    assert (found.coupon, found.key_id, found.signature) == (COUPON, "k1", b"s" * 64)
    assert found.statement == coupon_statement(COUPON, "k1")


def test_the_statement_binds_the_key_and_every_field() -> None:
    whole = coupon_statement(COUPON, "k1")
    others = [
        coupon_statement(COUPON, "k2"),
        coupon_statement(SignedCoupon("c-2", "C-5020", 1_000, 2_000, "m1"), "k1"),
        coupon_statement(SignedCoupon("c-1", "C-5020", 1_000, 2_001, "m1"), "k1"),
        coupon_statement(SignedCoupon("c-1", "C-5020", 1_000, 2_000, ""), "k1"),
    ]
    assert whole not in others


@pytest.mark.parametrize(
    "text",
    [
        "TMC1",
        "TMC1.k1.e30.AAAA",
        "TMC1..e30.AAAA",
        "TMC1.k1.%%.AAAA",
        "TMC1.k1.W10.AAAA",
        "TMC2.k1.e30.AAAA",
        "TMC1.k1." + "A" * 700 + ".AA",
        "TMC1.k1.eyJjb3Vwb25faWQiOjF9.AAAA",
    ],
)
def test_torn_qr_texts_are_refused(text: str) -> None:
    with pytest.raises(NotACoupon):
        parse_qr_text(text)
