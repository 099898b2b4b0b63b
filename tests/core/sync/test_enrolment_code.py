from __future__ import annotations

import random

import pytest

from pos_core.sync.enrolment_code import (
    EnrolmentCode,
    NotAnEnrolmentCode,
    fingerprint_of,
    format_code,
    parse_code,
    secret_from,
)


@pytest.mark.parametrize("with_fingerprint", [True, False])
def test_a_code_reads_back_as_it_was_made(with_fingerprint: bool) -> None:
    dice = random.Random(5)
    for _ in range(200):
        secret = secret_from(dice.randbytes(9))
        fingerprint = fingerprint_of(dice.randbytes(40)) if with_fingerprint else None
        text = format_code(secret, fingerprint)
        assert parse_code(text) == EnrolmentCode(secret, fingerprint)
        assert parse_code(text.lower().replace("-", " ").replace("0", "o").replace("1", "l")).secret == secret


@pytest.mark.parametrize("text", ["", "ABCDE", "ABCDE-FGHJK-MNU", "A" * 39 + "B", "ABCDEFGHJKMNP" + "Z" * 26])
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(NotAnEnrolmentCode):
        parse_code(text)
