"""Head office's own facts as rows, and back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from pos_core.canonical import canonical_bytes
from pos_core.sync.folds import HQ, Fact, Stamp


def hq_fact_from(number: int, kind: type[Fact], text: str) -> Fact:
    """Inverse of how head office's facts are kept."""
    value = json.loads(text)
    hlc = value.pop("hlc")
    return kind(Stamp(hlc, HQ, 1, number), **value)


def hq_row(fact: Fact) -> tuple[int, str, str]:
    """Number, type and canonical JSON, as head office's own facts are kept."""
    value = {each.name: _plain(getattr(fact, each.name)) for each in fields(fact) if each.name != "stamp"}
    text = canonical_bytes({**value, "hlc": fact.stamp.hlc}).decode()
    return fact.stamp.number, type(fact).__name__, text


def _plain(value: Any) -> Any:
    return dict(value) if isinstance(value, Mapping) else value
