"""Stored value (储值): money paid beforehand, on a member's purse or a card. A tender, not a price."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Literal

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


def purse_minor(lines: Iterable[Mapping[str, Any]]) -> int:
    """Net of those of a document's lines that are money of a purse or a gift card, in minor units.

    It is the shoppers' money: no board counts it as net sales (docs/cash.md, "Reports").
    """
    return sum(line["net_minor"] for line in lines if line.get("kind") == "stored_value")


def member_account(member_id: str) -> str:
    """The purse of a member."""
    return f"member:{member_id}"


def member_of(account_id: str) -> str | None:
    """Whose purse it is; None for a card without a member."""
    kind, _, member_id = account_id.partition(":")
    return member_id if kind == "member" and member_id else None
