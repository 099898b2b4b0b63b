"""The fast road to canonical bytes gives the very bytes of the slow one, or refuses like it."""

from __future__ import annotations

import contextlib
import datetime
import enum
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pos_client.journal.encode import decode_document, encode_document
from pos_core.canonical import NotCanonical, canonical_bytes, parse_strict
from pos_core.clock import HybridTime
from pos_core.sync.document import Header, ReleaseRef, Series, document_bytes, envelope

_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.text(st.characters()),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(st.characters()), inner, max_size=4),
    max_leaves=20,
)
_ODD = st.one_of(
    _VALUES,
    st.floats(),
    st.binary(),
    st.dictionaries(st.integers(), st.integers(), max_size=2),
    st.tuples(st.integers(), st.text()),
)


class _Colour(enum.Enum):
    RED = "red"


def _header(release: ReleaseRef | None = None) -> Header:
    return Header(
        type="sale",
        series=Series("工作站-1", 3),
        number=7,
        document_id="0192f0c1-2222-7000-8000-000000000002",
        store_id="S001",
        occurred_at_ms=1,
        hybrid_time=HybridTime(5, 6),
        business_day="2026-11-22",
        operator_id=None,
        shift_id="\u2028\x7f",
        release=release,
        prev_hash="0" * 64,
    )


def _outcome(make: Any) -> bytes | None:
    try:
        return bytes(make())
    except NotCanonical:
        return None


@given(st.dictionaries(st.text(st.characters()), _ODD, max_size=4))
def test_both_roads_agree(body: dict[str, Any]) -> None:
    header = _header(ReleaseRef(2, "ab" * 32))
    fast = _outcome(lambda: encode_document(header, envelope(header, body)))
    assert fast == _outcome(lambda: document_bytes(header, body))


@pytest.mark.parametrize(
    "value",
    [
        1.0,
        1.5,
        float("nan"),
        2**53,
        -(2**53),
        10**30,
        b"x",
        {1: 2},
        _Colour.RED,
        datetime.date(2026, 1, 1),
        "\ud800",
    ],
)
def test_what_has_no_canonical_form_is_refused(value: Any) -> None:
    header = _header()
    with pytest.raises(NotCanonical):
        encode_document(header, envelope(header, {"lines": [{"value": value}]}))


@given(st.dictionaries(st.text(st.characters()), _ODD, max_size=4), st.binary(max_size=3), st.integers(0, 60))
def test_reading_agrees_with_the_slow_road(body: dict[str, Any], noise: bytes, place: int) -> None:
    """Canonical bytes, the same written another way, and bytes with noise in them."""
    with contextlib.suppress(TypeError):
        for data in _spellings(body):
            noisy = data[:place] + noise + data[place:]
            assert _read(decode_document, noisy) == _read(_slowly, noisy)


@pytest.mark.parametrize("depth", [63, 64, 65, 5000])
def test_nesting_is_limited_alike(depth: int) -> None:
    data = b'{"a":' * depth + b"1" + b"}" * depth
    assert _read(decode_document, data) == _read(_slowly, data)


def _spellings(body: dict[str, Any]) -> list[bytes]:
    return [
        json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode(
            "utf-8", "surrogatepass"
        ),
        json.dumps(body).encode(),
    ]


def _slowly(data: bytes) -> dict[str, Any]:
    value = parse_strict(data)
    if not isinstance(value, dict) or canonical_bytes(value) != data:
        raise NotCanonical("not canonical")
    return value


def _read(reader: Any, data: bytes) -> Any:
    try:
        return reader(data)
    except NotCanonical:
        return "not canonical"


def test_a_sixteen_digit_reference_passes_by_the_slow_road() -> None:
    header, body = _header(), {"reference": "1234567890123456", "large": 2**53 - 1}
    assert encode_document(header, envelope(header, body)) == document_bytes(header, body)
