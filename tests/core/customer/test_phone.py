from __future__ import annotations

import pytest

from pos_core.customer.phone import e164


@pytest.mark.parametrize(
    "text,expected",
    [
        ("13812345678", "+8613812345678"),
        ("12000000037", "+8612000000037"),  # nobody's number yet: an import takes it, so a till finds it
        ("１３８-1234 5678", "+8613812345678"),
        ("（0086）13812345678", "+8613812345678"),
        ("+86 138 1234 5678", "+8613812345678"),
        ("0044 7911 123456", "+447911123456"),
        ("+85291234567", "+85291234567"),
    ],
)
def test_a_number_has_one_form(text: str, expected: str) -> None:
    assert e164(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "12345",
        "23812345678",
        "1381234567x",
        "٠١٢٣٤٥٦٧٨٩٠",
        "+",
        "+8621123456789",
        "1" * 40,
        "+0123456789",
    ],
)
def test_what_is_no_number(text: str) -> None:
    assert e164(text) is None
