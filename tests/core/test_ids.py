"""UUIDv7 from values handed in."""

from __future__ import annotations

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pos_core.ids import is_uuid, uuid7, uuid7_ms


@given(st.integers(0, 2**48 - 1), st.binary(min_size=10, max_size=10))
def test_a_uuid7_holds_its_time_version_and_variant(unix_ms: int, random_bytes: bytes) -> None:
    text = uuid7(unix_ms, random_bytes)
    assert is_uuid(text) and uuid7_ms(text) == unix_ms
    assert UUID(text).version == 7 and UUID(text).variant == "specified in RFC 4122"


def test_the_example_of_rfc_9562() -> None:
    """RFC 9562, A.6: 0x017F22E279B0, rand_a CC3, rand_b 18C4DC0C0C07398F."""
    value = (0xCC3 << 64) | 0x18C4DC0C0C07398F
    assert uuid7(0x017F22E279B0, value.to_bytes(10, "big")) == "017f22e2-79b0-7cc3-98c4-dc0c0c07398f"


def test_later_sorts_after_earlier() -> None:
    assert uuid7(1000, b"\xff" * 10) < uuid7(1001, bytes(10))


@pytest.mark.parametrize(
    "text", ["", "x", "017F22E2-79B0-7CC3-98C4-DC0C0C07398F", "017f22e279b07cc398c4dc0c0c07398f"]
)
def test_only_the_canonical_text_is_a_uuid(text: str) -> None:
    assert not is_uuid(text)
