"""The member's code: verifiers that need the pepper, and the signed code of the app."""

from __future__ import annotations

import pytest

from pos_core.customer.member_code import (
    app_code_statement,
    app_code_text,
    fits,
    is_app_code,
    is_code,
    read_app_code,
    read_verifier,
    verifier_text,
)

SALT, STRETCHED = b"s" * 16, b"k" * 32


@pytest.mark.parametrize(
    "text, right",
    [
        ("246810", True),
        ("12345", False),
        ("1" * 13, False),
        ("12345a", False),
        ("１２３４５６", False),
        ("", False),
    ],
)
def test_a_code_has_six_to_twelve_digits(text: str, right: bool) -> None:
    assert is_code(text) is right


def test_a_verifier_fits_its_own_code_under_its_own_pepper_only() -> None:
    verifier = read_verifier(verifier_text(b"p" * 32, SALT, STRETCHED))
    assert verifier is not None and verifier.salt == SALT
    assert fits(verifier, b"p" * 32, STRETCHED)
    assert not fits(verifier, b"q" * 32, STRETCHED)
    assert not fits(verifier, b"p" * 32, b"x" * 32)


@pytest.mark.parametrize(
    "text", ["", "mc1", "mc1$AA$AA", "mc2$c3M=$a2s=", "mc1$%%$%%", "$argon2id$v=19$m=8$x$y"]
)
def test_other_texts_are_no_verifiers(text: str) -> None:
    assert read_verifier(text) is None


def test_an_app_code_says_who_and_until_when_and_is_signed_for_nothing_else() -> None:
    text = app_code_text("m1", 5_000, "k1", b"s" * 64)
    found = read_app_code(text)
    assert is_app_code(text) and found is not None
    assert dict(found.payload) == {"member_id": "m1", "until_ms": 5_000}
    assert found.statement == app_code_statement("m1", 5_000, "k1")
    assert found.statement.startswith(b"tidemark.member-code.1\0k1\0")


@pytest.mark.parametrize("text", ["TMM1.k1.e30.AAAA", "TMC1.k1.e30.AAAA", "TMM1", "TMM1.k.W10.AA", "x" * 700])
def test_other_texts_are_no_app_codes(text: str) -> None:
    assert read_app_code(text) is None
