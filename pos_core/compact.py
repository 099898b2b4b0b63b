"""Values as few bytes: integers, texts, lists and None, for codes that must fit on paper.

Each value begins with a variable-length number whose low three bits say what follows. A text of digits
travels as a number, a UUID as its sixteen bytes. Reading is bounded and raises NotCompact for anything else.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Sequence
from typing import Any

from pos_core.errors import InvalidInput

Value = Any
"""int (|value| < 2**63), str, None, or a list of values."""
BYTES_MAX = 64 * 1024
DEPTH_MAX = 12
TEXT_MAX = 200
INTEGER_MAX = 2**53
_NATURAL, _NEGATIVE, _TEXT, _LIST, _UUID, _NONE, _DIGITS = range(7)
_UUID_TEXT = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_DIGITS_TEXT = re.compile(r"[1-9][0-9]{2,17}")
_STORED, _DEFLATED = 0, 1


class NotCompact(InvalidInput):
    """Bytes that no `pack` made: torn, too long, or of something else."""

    code = "not_compact"


def pack(value: Value) -> bytes:
    """The bytes of `value`, deflated where that is shorter."""
    out = bytearray()
    _write(value, out)
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    smaller = packer.compress(bytes(out)) + packer.flush()
    if len(smaller) < len(out):
        return bytes([_DEFLATED]) + smaller
    return bytes([_STORED]) + bytes(out)


def unpack(data: bytes) -> Value:
    """Inverse of `pack`. Raises NotCompact."""
    if not data or data[0] not in (_STORED, _DEFLATED) or len(data) > BYTES_MAX:
        raise NotCompact("no packed value")
    raw = data[1:]
    if data[0] == _DEFLATED:
        reader = zlib.decompressobj(-15)
        try:
            raw = reader.decompress(raw, BYTES_MAX)
        except zlib.error as error:
            raise NotCompact(f"not deflated: {error}") from None
        if not reader.eof or reader.unused_data:
            raise NotCompact("torn, or too long")
    value, end = _read(raw, 0, 0)
    if end != len(raw):
        raise NotCompact("more bytes than the value has")
    return value


def text(value: Any, *, empty: bool = False) -> str:
    """A text of at most 200 characters. Raises TypeError."""
    if type(value) is not str or len(value) > TEXT_MAX or not (value or empty):
        raise TypeError("no text")
    return value


def whole(value: Any) -> int:
    """An integer. Raises TypeError."""
    if type(value) is not int or abs(value) > INTEGER_MAX:
        raise TypeError("no integer")
    return value


def natural(value: Any) -> int:
    """An integer from 0 on. Raises TypeError, ValueError."""
    if whole(value) < 0:
        raise ValueError("below zero")
    return int(value)


def positive(value: Any) -> int:
    """An integer above 0. Raises TypeError, ValueError."""
    if whole(value) <= 0:
        raise ValueError("not above zero")
    return int(value)


def _write(value: Value, out: bytearray) -> None:
    if value is None:
        _number(_NONE, 0, out)
    elif isinstance(value, int):
        assert -(2**63) < value < 2**63
        _number(_NATURAL if value >= 0 else _NEGATIVE, abs(value), out)
    elif isinstance(value, str):
        _write_text(value, out)
    else:
        assert isinstance(value, Sequence)
        _number(_LIST, len(value), out)
        for each in value:
            _write(each, out)


def _write_text(value: str, out: bytearray) -> None:
    if _UUID_TEXT.fullmatch(value):
        _number(_UUID, 0, out)
        out += bytes.fromhex(value.replace("-", ""))
    elif _DIGITS_TEXT.fullmatch(value):
        _number(_DIGITS, int(value), out)
    else:
        data = value.encode()
        _number(_TEXT, len(data), out)
        out += data


def _number(kind: int, value: int, out: bytearray) -> None:
    value = value << 3 | kind
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)


def _read(data: bytes, at: int, depth: int) -> tuple[Value, int]:
    head, at = _read_number(data, at)
    kind, size = head & 7, head >> 3
    if kind == _NONE and size == 0:
        return None, at
    if kind in (_NATURAL, _NEGATIVE):
        return (size if kind == _NATURAL else -size), at
    if kind == _DIGITS:
        return str(size), at
    if kind == _UUID and size == 0:
        text = _bytes(data, at, 16).hex()
        return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}", at + 16
    if kind == _TEXT:
        try:
            return _bytes(data, at, size).decode(), at + size
        except UnicodeDecodeError:
            raise NotCompact("no text") from None
    if kind == _LIST and depth < DEPTH_MAX and size <= len(data) - at:
        values = []
        for _ in range(size):
            value, at = _read(data, at, depth + 1)
            values.append(value)
        return values, at
    raise NotCompact("no value begins so")


def _read_number(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        if at >= len(data) or shift > 63:
            raise NotCompact("torn")
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if not byte & 0x80:
            return value, at


def _bytes(data: bytes, at: int, size: int) -> bytes:
    if size > len(data) - at:
        raise NotCompact("torn")
    return data[at : at + size]
