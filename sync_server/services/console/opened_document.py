"""A document as a person at head office may look at it: line by line, personal data masked."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from pos_core.sync.shape import PERSONAL_FIELDS

LINES_MAX = 400
MASK = "****"
_HIDDEN = PERSONAL_FIELDS | {"personal", "note", "remark", "recipient", "contact"}
_LONG_DIGITS = re.compile(r"(?<!\d)(1\d{2})\d{4}(\d{4})(?!\d)")
_MAIL = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+")


def opened(data: bytes) -> list[tuple[str, str]]:
    """Path and value of every field; empty when it is no JSON object (only its reason tells then)."""
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        return []
    if not isinstance(value, dict):
        return []
    found: list[tuple[str, str]] = []
    for line in _lines("", value, 0):
        if len(found) == LINES_MAX:
            found.append(("…", "…"))
            break
        found.append(line)
    return found


def _lines(path: str, value: Any, depth: int) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict | list) and value and depth < 20:
        pairs = value.items() if isinstance(value, dict) else enumerate(value)
        for name, each in pairs:
            below = f"{path}.{name}" if path else str(name)
            if name in _HIDDEN and each not in (None, "", [], {}):
                yield _plain(below), MASK
            else:
                yield from _lines(below, each, depth + 1)
    elif depth >= 20:
        yield _plain(path), "…"
    else:
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        yield _plain(path), _plain(text)


def _plain(text: str) -> str:
    """Without phone numbers and mail addresses, wherever somebody typed them."""
    return _MAIL.sub(MASK, _LONG_DIGITS.sub(r"\1****\2", text[:300]))
