"""Canonical bytes: one form, and a reader that refuses what readers disagree on."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pos_core.canonical import INTEGER_MAX, NotCanonical, canonical_bytes, is_canonical, parse_strict

TEXTS = st.text(st.characters(exclude_categories=("Cs",)), max_size=20)
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-INTEGER_MAX, INTEGER_MAX) | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=20,
)


@given(VALUES)
def test_reading_what_was_written_gives_the_value_and_the_same_bytes(value: Any) -> None:
    data = canonical_bytes(value)
    assert parse_strict(data) == value and canonical_bytes(parse_strict(data)) == data and is_canonical(data)


@given(VALUES)
def test_any_indented_form_reads_alike_and_is_not_canonical(value: Any) -> None:
    loose = json.dumps({"b": value, "a": 1}, indent=1).encode()
    assert not is_canonical(loose)
    assert canonical_bytes(parse_strict(loose)) == canonical_bytes({"a": 1, "b": value})


def test_the_form_itself() -> None:
    value = {"é": 1, "z": [True, None], "A": '"\\\n\x01\x7f\u2028货', "𐀀": -0}
    expected = '{"A":"\\"\\\\\\n\\u0001\x7f\u2028货","z":[true,null],"é":1,"𐀀":0}'
    assert canonical_bytes(value) == expected.encode()


def test_keys_sort_by_code_point_not_by_utf16() -> None:
    """U+FF21 comes before U+10000, though its UTF-16 form sorts after."""
    assert canonical_bytes({"\U00010000": 1, "\uff21": 2}) == '{"\uff21":2,"\U00010000":1}'.encode()


@pytest.mark.parametrize(
    "text",
    [
        '{"a":1,"a":2}',
        '{"x":{"a":1,"a":1}}',
        "1.0",
        "1e3",
        "NaN",
        "Infinity",
        "-Infinity",
        str(2**53),
        f"-{2**53}",
        "9" * 5000,
        "",
        "{",
        "[1,]",
        "'a'",
        "\ufeff1",
        "[" * 65 + "]" * 65,
        "[" * 100_000,
        '{"a":' * 65 + "1" + "}" * 65,
    ],
)
def test_what_readers_disagree_on_is_refused(text: str) -> None:
    with pytest.raises(NotCanonical):
        parse_strict(text.encode())


def test_bytes_that_are_not_utf8_are_refused() -> None:
    with pytest.raises(NotCanonical):
        parse_strict(b'"\xff"')


def test_brackets_inside_texts_are_not_nesting() -> None:
    assert parse_strict(json.dumps(["[" * 500, '\\"' + "{" * 500])) == ["[" * 500, '\\"' + "{" * 500]


@pytest.mark.parametrize("value", [1.5, 2**53, {1: 2}, {"a": b"x"}, {"a": {1, 2}}, "\ud800", {"\udfff": 1}])
def test_values_without_a_form_are_refused(value: Any) -> None:
    with pytest.raises(NotCanonical):
        canonical_bytes(value)


def test_an_escaped_lone_surrogate_is_never_canonical() -> None:
    assert not is_canonical(b'"\\ud800"')


@pytest.mark.parametrize(
    "data", [b'{"b":1,"a":2}', b"[1, 2]", b'"\\u0041"', b"-0", b' {"a":1}', b'{"a":1}\n']
)
def test_the_same_value_in_another_dress_is_not_canonical(data: bytes) -> None:
    assert not is_canonical(data)


def test_a_value_that_holds_itself_is_refused() -> None:
    loop: list[Any] = []
    loop.append(loop)
    with pytest.raises(NotCanonical):
        canonical_bytes({"a": loop})


def test_an_integer_too_long_for_text_is_refused() -> None:
    with pytest.raises(NotCanonical):
        canonical_bytes(10**5000)
