"""Gift cards that this store knows: delivered to it, or shown here once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from pos_client.storage.connection import Connection
from pos_core.customer.gift_card import GiftCardStatus

_COLUMNS = "account_id, last_four, status, balance_minor"
_BY_INDEX = f"SELECT {_COLUMNS} FROM gift_card WHERE card_index = ?"  # noqa: S608 - our own names
_BY_ACCOUNT = f"SELECT {_COLUMNS} FROM gift_card WHERE account_id = ?"  # noqa: S608 - our own names


@dataclass(frozen=True, slots=True)
class GiftCard:
    """Columns of `gift_card` (pos_core/sync/reference.py); `balance_minor` as head office folded it."""

    account_id: str
    last_four: str
    status: GiftCardStatus
    balance_minor: int


def by_index(connection: Connection, card_index: str) -> GiftCard | None:
    """The card whose number has this index under the store's key."""
    return _card(connection.execute(_BY_INDEX, (card_index,)).fetchone())


def of_account(connection: Connection, account_id: str) -> GiftCard | None:
    """None: this store does not know it."""
    return _card(connection.execute(_BY_ACCOUNT, (account_id,)).fetchone())


def _card(row: tuple[str, str, str, int] | None) -> GiftCard | None:
    return None if row is None else GiftCard(row[0], row[1], cast("GiftCardStatus", row[2]), row[3])
