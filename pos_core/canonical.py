"""Canonical bytes: one way to write a value as JSON, so that anyone can recompute a hash.

The form (docs/documents.md): UTF-8, keys sorted by code point, no white space, no escapes but those that
JSON requires, integers within ±(2**53 − 1), no floats, no lone surrogates.
"""

from __future__ import annotations

import json
from typing import Any

from pos_core.errors import InvalidInput

INTEGER_MAX = 2**53 - 1


class NotCanonical(InvalidInput):
    """A value or text that has no canonical form: a float, a big integer, a doubled key, a lone surrogate."""

    code = "not_canonical"


_ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def canonical_bytes(value: Any) -> bytes:
    """`value` (dict with str keys, list, tuple, str, int, bool, None) as canonical JSON bytes."""
    try:
        data = _ENCODER.encode(value).encode("utf-8")
    except UnicodeEncodeError:
        raise NotCanonical("a lone surrogate has no bytes") from None
    except (TypeError, ValueError) as error:  # a set, bytes, keys of mixed types, a loop
        raise NotCanonical(f"no canonical form: {error}") from None
    _check(value)  # after the encoder, which finds loops: this walk would not end in one
    return data


def parse_strict(data: bytes | str, *, depth_max: int = 64) -> Any:
    """JSON without what JSON readers disagree on. Raises NotCanonical.

    Refuses doubled keys, NaN, Infinity, floats, integers beyond 2**53, nesting beyond `depth_max`.
    """
    try:
        text = data.decode("utf-8") if isinstance(data, bytes) else data
        if _deeper_than(text, depth_max):
            raise NotCanonical("nested too deeply", depth_max=depth_max)
        value = json.loads(
            text, object_pairs_hook=_no_doubles, parse_constant=_refuse_number, parse_float=_refuse_number
        )
    except ValueError as error:  # not UTF-8, not JSON, or an integer of more digits than Python reads
        raise NotCanonical(f"not JSON: {error}") from None
    _check(value)
    return value


def path_of_fraction(data: bytes | str) -> str:
    """Where the first number stands that is no integer, as `/a/0/b`; "/" where there is none.

    For what `parse_strict` refused with `text` among its facts: it is JSON, and not too deep.
    """
    marks: list[object] = []

    def mark(_: str) -> object:
        marks.append(object())
        return marks[-1]

    text = data.decode("utf-8") if isinstance(data, bytes) else data
    try:
        stack = [("", json.loads(text, parse_constant=mark, parse_float=mark))]
    except ValueError:  # it ends badly behind that number
        return "/"
    while stack:
        path, item = stack.pop()
        if marks and item is marks[0]:
            return path or "/"
        if isinstance(item, dict):
            stack.extend((f"{path}/{key}", value) for key, value in item.items())
        elif isinstance(item, list):
            stack.extend((f"{path}/{place}", value) for place, value in enumerate(item))
    return "/"


def is_canonical(data: bytes) -> bool:
    """True when `data` is exactly the canonical bytes of the value it holds."""
    try:
        return canonical_bytes(parse_strict(data)) == data
    except NotCanonical:
        return False


def _no_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise NotCanonical("a key stands twice in one object")
    return value


def _refuse_number(text: str) -> Any:
    raise NotCanonical(f"{text} is not an integer", text=text)


def _deeper_than(text: str, depth_max: int) -> bool:
    """Counts brackets outside strings; json.loads would exhaust the stack before it told us."""
    if text.count("[") + text.count("{") <= depth_max:
        return False
    depth, inside, escaped = 0, False, False
    for char in text:
        if inside:
            inside = escaped or char != '"'
            escaped = char == "\\" and not escaped
        elif char == '"':
            inside = True
        elif char in "[{":
            depth += 1
            if depth > depth_max:
                return True
        elif char in "]}":
            depth -= 1
    return False


def _check(value: Any) -> None:
    """Refuses what JSON encoders let through: floats, big integers, keys that are not text.

    A loop over a stack: a sale has hundreds of values, and a call for each cost more than the encoding.
    """
    stack = [value]
    while stack:
        item = stack.pop()
        if item is None or isinstance(item, (str, bool)):
            continue
        if isinstance(item, int):
            if not -INTEGER_MAX <= item <= INTEGER_MAX:
                raise NotCanonical("integer beyond 2**53", value=str(item)[:40])
        elif isinstance(item, dict):
            for key in item:
                if not isinstance(key, str):
                    raise NotCanonical("a key is not text", key=repr(key))
            stack.extend(item.values())
        elif isinstance(item, (list, tuple)):
            stack.extend(item)
        else:
            raise NotCanonical(f"{type(item).__name__} has no canonical form")
