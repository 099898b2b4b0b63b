"""What a store's workstations know of gift cards: those delivered to it, and those that were shown there.

A row has the card's index under the store's own key: a till finds a card by its number and can tell nobody's
number from its rows (docs/security.md, "Gift cards").
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from pos_core.customer.gift_card import ACTIVE, BLOCKED, NEW, card_account, gift_text
from pos_core.sync.folds import State
from pos_core.sync.folds.stored_value import balance_minor
from pos_core.sync.reference import KINDS
from sync_server.services.keys import ChainKeys
from sync_server.services.personal_data import blind_index
from sync_server.store import feed, fold_state, gift_card, masters
from sync_server.store.engine import Txn
from sync_server.store.gift_card import GiftCardRow

Row = list[Any]
KIND = "gift_card"
_INDEX = KINDS[KIND].column_names.index("card_index")


def account_of(keys: ChainKeys, number: str) -> str:
    """The account of a card's number."""
    return card_account(blind_index(keys.member_index, gift_text(number)))


def index_in(keys: ChainKeys, store_id: str, number: str) -> str:
    """What a till of the store makes of the number that it scans."""
    return blind_index(keys.blind_index_key(store_id), gift_text(number))


def row_of(card: GiftCardRow, index: str, state: State | None) -> Row:
    """The feed row: a card without a ledger has not been sold."""
    status = BLOCKED if card.blocked else NEW if state is None else ACTIVE
    values = {
        "account_id": card.account_id,
        "card_index": index,
        "last_four": card.last_four,
        "status": status,
        "balance_minor": balance_minor(state),
    }
    return [values[name] for name in KINDS[KIND].column_names]


def refresh(txn: Txn, account_ids: Sequence[str]) -> None:
    """Rows of these cards in every store that knows them, as card and ledger say now."""
    cards = gift_card.get_many(txn, sorted(set(account_ids)))
    states = states_of(txn, list(cards))
    rows: dict[str, list[Row]] = defaultdict(list)
    for account_id, card in sorted(cards.items()):
        for scope in masters.scopes_with_key(txn, KIND, [account_id]):
            before = masters.feed_rows_by_key(txn, KIND, scope, [[account_id]]).get(account_id)
            if before is not None:
                rows[scope].append(row_of(card, before[_INDEX], states.get(account_id)))
    for scope, found in sorted(rows.items()):
        feed.put_rows(txn, KIND, scope, found)


def shown(txn: Txn, keys: ChainKeys, store_id: str, number: str) -> str | None:
    """A card that was shown in a store: in its slice from now on. Its account; None: no card of the chain."""
    account_id = account_of(keys, number)
    card = gift_card.get_many(txn, [account_id]).get(account_id)
    if card is None:
        return None
    row = row_of(card, index_in(keys, store_id, number), states_of(txn, [account_id]).get(account_id))
    scope = f"store:{store_id}"
    if masters.feed_rows_by_key(txn, KIND, scope, [[account_id]]).get(account_id) != row:
        feed.put_rows(txn, KIND, scope, [row])
    return account_id


def states_of(txn: Txn, account_ids: Sequence[str]) -> Mapping[str, State]:
    """The ledgers of these accounts, of those that have one."""
    found = fold_state.get(txn, [("stored_value", each) for each in account_ids])
    return {account_id: state for (_, account_id), state in found.items()}
