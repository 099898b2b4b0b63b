"""Stored value (储值): money paid beforehand, on a member's purse or a card. A tender, not a price."""

from __future__ import annotations

from typing import Literal

StoredValueKind = Literal["sold", "topped_up", "bonus", "spent", "refunded", "paid_out", "adjusted"]
"""Why a balance moved: a card sold with its money, money added, what head office added to it for nothing,
money spent in a sale, money given back by a return, money paid out to the holder, a correction by head
office."""

STORED_VALUE_KINDS: tuple[StoredValueKind, ...] = (
    "sold",
    "topped_up",
    "bonus",
    "spent",
    "refunded",
    "paid_out",
    "adjusted",
)

STORED_VALUE_TAG = "stored_value"
"""Tag of the item whose sale puts money on an account: it gets no discount and earns no points."""


def member_account(member_id: str) -> str:
    """The purse of a member."""
    return f"member:{member_id}"


def member_of(account_id: str) -> str | None:
    """Whose purse it is; None for a card without a member."""
    kind, _, member_id = account_id.partition(":")
    return member_id if kind == "member" and member_id else None
