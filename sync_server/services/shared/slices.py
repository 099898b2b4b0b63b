"""Changed states as rows of the feed: each store gets its own slice, and nobody else's."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pos_core.canonical import canonical_bytes
from pos_core.customer.gift_card import is_card_account
from pos_core.customer.stored_value import member_of
from pos_core.sync.folds import Fact, State, StateKey
from pos_core.sync.folds.points import balance
from pos_core.sync.rulings import one_phone
from sync_server.services.shared.credential_rows import credentials as credential_rows
from sync_server.services.shared.gift_cards import refresh as refresh_cards
from sync_server.services.shared.goods import purchases as purchase_rows
from sync_server.services.shared.goods import reservations as reservation_rows
from sync_server.services.shared.goods import shelf_labels as label_rows
from sync_server.services.shared.goods import stock as stock_rows
from sync_server.services.shared.goods import transfers as transfer_rows
from sync_server.services.shared.members import MemberRows
from sync_server.services.shared.standing import Standing
from sync_server.store import feed, fold_state
from sync_server.store.engine import Txn

Row = list[Any]


class Slices:
    """Writes the feed rows that follow from states and rulings."""

    def __init__(self, members: MemberRows) -> None:
        self._members = members

    def points_of_series(
        self, txn: Txn, store_id: str, workstation_id: str, incarnation: int, number: int
    ) -> None:
        """What the store's rows stand for from now on."""
        feed.put_rows(txn, "series_point", f"store:{store_id}", [[workstation_id, incarnation, number]])

    def publish(self, txn: Txn, states: Mapping[StateKey, State], touched: Mapping[StateKey, Fact]) -> None:
        """Rows of every changed state that a store sees."""
        stock_rows(txn, states, touched)
        transfer_rows(txn, states)
        purchase_rows(txn, states)
        reservation_rows(txn, states)
        label_rows(txn, states)
        credential_rows(txn, states)
        points = [key for fold, key in states if fold in ("points", "orders")]
        purses = [member_of(key) for fold, key in states if fold == "stored_value"]
        profiles = [key for fold, key in states if fold in ("member_profile", "member_code")]
        wanted = [*points, *profiles, *(each for each in purses if each is not None)]
        if wanted:
            self._members.refresh(txn, sorted(set(wanted)))
        cards = [key for fold, key in states if fold == "stored_value" and is_card_account(key)]
        if cards:
            refresh_cards(txn, cards)
        self._coupons(txn, states)

    def rulings(self, txn: Txn, standing: Standing, now_ms: int) -> None:
        """Rulings to the stores that they reach; whoever was merged or split by one, wherever he is known."""
        merged = {
            str(value)
            for each in (*standing.made, *(gone for gone, _ in standing.superseded))
            if each.rule == one_phone.RULE
            for name, value in each.detail
            if name in ("alias", "survivor")
        }
        if merged:
            self._members.refresh(txn, sorted(merged))
        rows: dict[str, list[Row]] = defaultdict(list)
        for gone, by in standing.superseded:
            for store_id in gone.reaches:
                rows[store_id].append([gone.ruling_id, _text(gone.as_value()), by, now_ms])
        for made in standing.made:
            for store_id in made.reaches:
                rows[store_id].append([made.ruling_id, _text(made.as_value()), None, now_ms])
        for store_id, found in rows.items():
            feed.put_rows(txn, "ruling", f"store:{store_id}", found)

    def visitors(self, txn: Txn, documents: Iterable[Mapping[str, Any]]) -> None:
        """A member who shopped at a store belongs to that store's slice from then on."""
        seen: dict[str, dict[str, str]] = defaultdict(dict)
        for document in documents:
            if document["type"] in ("sale", "return") and document["body"]["member_id"] is not None:
                seen[document["store_id"]][document["body"]["member_id"]] = document["business_day"]
        for store_id, days in seen.items():
            self._members.visited(txn, store_id, days)

    def _coupons(self, txn: Txn, states: Mapping[StateKey, State]) -> None:
        """A member's coupon is used, or may be used again, wherever its member is known."""
        used = {
            key.split("/code:", 1)[1]: state
            for (fold, key), state in states.items()
            if fold == "coupon_use" and "/code:" in key
        }
        if used:
            self._members.coupons(txn, used)


def points_of(txn: Txn, member_ids: Sequence[str]) -> dict[str, int]:
    """member → the sum of his ledger."""
    states = fold_state.get(txn, [("points", member_id) for member_id in member_ids])
    return {member_id: balance(states.get(("points", member_id))) for member_id in member_ids}


def _text(value: Any) -> str:
    return canonical_bytes(value).decode()
