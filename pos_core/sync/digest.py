"""Digests: how both ends see that a scope's rows are equal, whatever order they came in."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from typing import Any

_MODULUS = 1 << 64


def row_hash(kind: str, row: Sequence[Any]) -> int:
    """64-bit BLAKE2b of `[kind, *row]` as canonical JSON; the row in wire column order."""
    return text_hash(json.dumps([kind, *row], separators=(",", ":"), ensure_ascii=False))


def text_hash(text: str) -> int:
    """The same, given the list's JSON text."""
    return int.from_bytes(hashlib.blake2b(text.encode("utf-8"), digest_size=8).digest(), "big")


def digest_of(kind: str, rows: Iterable[Sequence[Any]]) -> tuple[int, str]:
    """`(count, sum of row hashes mod 2**64 as 16 hex digits)`: order does not matter, doubles do."""
    count = total = 0
    for row in rows:
        count += 1
        total += row_hash(kind, row)
    return count, f"{total % _MODULUS:016x}"
