"""Gift cards as the printer delivers them: numbers, and the store that gets them to sell."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pos_core.customer.gift_card import is_gift_card
from pos_core.customer.gift_card import last_four as last_four_of
from sync_server.services.importing.cells import code_cell, flag_cell, refuse_scientific
from sync_server.services.importing.context import ChainView, ImportTarget
from sync_server.services.importing.fields import Field, ParsedRow, Values
from sync_server.services.importing.kinds.base import Fault, FileState, ImportKind, Plan, outcome_of
from sync_server.services.importing.problems import CellError
from sync_server.services.shared import gift_cards
from sync_server.store import gift_card, masters
from sync_server.store.engine import Txn
from sync_server.store.gift_card import GiftCardRow


def _number(text: str, _: ChainView) -> str:
    refuse_scientific(text)
    if not is_gift_card(text):
        raise CellError("bad_gift_card", "not 16 or 19 digits with a right check digit")
    return text


class GiftCards(ImportKind):
    """The same number again moves the card to another store, or blocks it; what is on it stays."""

    name = "gift-cards"
    fields = (
        Field("card_number", ("卡号", "储值卡号", "礼品卡号"), _number, required=True),
        Field("store_id", ("门店", "门店编码", "store"), lambda text, _: code_cell(text), required=True),
        Field("blocked", ("冻结", "停用"), lambda text, _: flag_cell(text), default=0),
    )

    def key(self, values: Values) -> tuple[str, ...]:
        return (values["card_number"],)

    def check(
        self, txn: Txn, rows: Sequence[ParsedRow], chain: ChainView, state: FileState
    ) -> Iterator[Fault]:
        for row in rows:
            if row.values["store_id"] not in chain.stores:
                yield row, "store_id", "unknown_reference", f"no store {row.values['store_id']}"

    def plan(self, office: ImportTarget, txn: Txn, rows: Sequence[ParsedRow], chain: ChainView) -> list[Plan]:
        accounts = [gift_cards.account_of(office.keys, row.values["card_number"]) for row in rows]
        known = gift_card.get_many(txn, accounts)
        states = gift_cards.states_of(txn, accounts)
        plans = []
        for row, account_id in zip(rows, accounts, strict=True):
            number, store_id = row.values["card_number"], row.values["store_id"]
            old = known.get(account_id)
            blocked = row.values.get("blocked", old.blocked if old else 0)
            new = GiftCardRow(account_id, store_id, last_four_of(number), blocked)
            plan = Plan(outcome_of(None if old is None else [old], [new]))
            if plan.outcome != "unchanged":
                plan.masters.append((gift_card.put, new))
                plan.after.append((gift_cards.refresh, account_id))
            scope = f"store:{store_id}"
            if account_id not in masters.feed_rows_by_key(txn, gift_cards.KIND, scope, [[account_id]]):
                index = gift_cards.index_in(office.keys, store_id, number)
                made = gift_cards.row_of(new, index, states.get(account_id))
                plan.rows.append((gift_cards.KIND, scope, made))
            plans.append(plan)
        return plans
