"""The fast road to canonical bytes gives the very bytes of the slow one, or refuses like it."""

from __future__ import annotations

import datetime
import enum
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pos_client.journal.encode import encode_document, envelope
from pos_core.canonical import NotCanonical
from pos_core.clock import HybridTime
from pos_core.sync.document import Header, ReleaseRef, Series, document_bytes

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


def test_a_sixteen_digit_reference_passes_by_the_slow_road() -> None:
    header, body = _header(), {"reference": "1234567890123456", "large": 2**53 - 1}
    assert encode_document(header, envelope(header, body)) == document_bytes(header, body)
