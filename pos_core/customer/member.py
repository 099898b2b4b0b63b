"""A member as a workstation may know one: the least that the work needs."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pos_core.catalog.rows import json_value

CARD_CHARS_MAX = 40
FIRST_TIER = "standard"
"""Of who joins at a till, where the chain names no tiers."""
_CARD = re.compile(r"[A-Za-z0-9._-]{6,40}")
"""Of a member's card; fewer than a QR code's."""


def card_text(number: str) -> str:
    """What is indexed of a card's number: never the same as a phone's or a coupon's."""
    return f"card:{number}"


def is_card_number(number: str) -> bool:
    """Letters, digits, `.`, `_` and `-`, six of them at least: what may be asked for beyond this store."""
    return _CARD.fullmatch(number) is not None


def masked_name(name: str) -> str:
    """What may be shown and printed of a name: the first character and stars. A masked one stays as it is."""
    return name[:1] + "*" * min(2, len(name) - 1) if name else ""


@dataclass(frozen=True, slots=True)
class Member:
    """A loyalty account.

    Attributes:
        blind_index: 32 hex digits made from the phone under the store's key; finds, and tells nothing.
        masked_phone, display_name: personal; empty once erased.
        consents: purpose → given or not; the restrictive answer wins.
    """

    member_id: str
    blind_index: str
    masked_phone: str
    display_name: str
    tier: str
    points_balance: int
    birthday_month: int | None
    consents: Mapping[str, Any]

    @classmethod
    def from_row(cls, row: Sequence[Any]) -> Member:
        """From values in the order of the reference columns; `consents` as JSON text or a mapping."""
        values: tuple[Any, ...] = (*row[:7], json_value(row[7]) or {})
        return cls(*values)
