"""Gift cards as head office had them printed. What is on them is the ledger's to say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from sync_server.store.engine import Txn
from sync_server.store.schema.gift_card import gift_card

_AT_ONCE = 400


@dataclass(frozen=True, slots=True)
class GiftCardRow:
    """`blocked`: 1 for a card that head office has stopped."""

    account_id: str
    store_id: str
    last_four: str
    blocked: int


def get_many(txn: Txn, account_ids: Sequence[str]) -> dict[str, GiftCardRow]:
    """Cards by account."""
    found = {}
    for start in range(0, len(account_ids), _AT_ONCE):
        wanted = gift_card.c.account_id.in_(account_ids[start : start + _AT_ONCE])
        for row in txn.execute(select(gift_card).where(wanted)):
            found[row[0]] = GiftCardRow(*row)
    return found


def put(txn: Txn, cards: Sequence[GiftCardRow]) -> None:
    """New cards, and known ones as they are now."""
    rows = [(each.account_id, each.store_id, each.last_four, each.blocked) for each in cards]
    txn.insert_many(gift_card, rows, on_conflict="replace")
