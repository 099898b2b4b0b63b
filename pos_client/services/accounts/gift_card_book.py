"""Gift cards by their number, as this workstation knows them, and what may be put on one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from pos_client.replica import gift_cards
from pos_client.services.counter import Counter
from pos_client.services.members.phone_index import keyed_index
from pos_client.services.refusals.accounts import (
    GiftCardBlocked,
    GiftCardNotSold,
    NotAGiftCard,
    NoTopUp,
    UnknownGiftCard,
)
from pos_client.services.views.members import GiftCardView
from pos_core.customer.gift_card import BLOCKED, NEW, gift_text, is_gift_card
from pos_core.customer.stored_value import StoredValueKind


class GiftCardBook:
    """Any thread; a number is looked at and forgotten."""

    def __init__(self, counter: Counter, index_key: Callable[[], bytes]) -> None:
        self._counter = counter
        self._index_key = index_key

    def find(self, number: str) -> GiftCardView | None:
        """The card of this number; None: this store does not know it. Raises NotAGiftCard."""
        number = number.strip()
        if not is_gift_card(number):
            raise NotAGiftCard("16 or 19 digits with their check digit")
        index = keyed_index(self._index_key(), gift_text(number))
        known = self._counter.replica.read(lambda c: gift_cards.by_index(c, index))
        return None if known is None else self._counter.shared.gift_card(known.account_id)

    def known(self, number: str) -> GiftCardView:
        """A card that is good here. Raises NotAGiftCard, UnknownGiftCard, GiftCardBlocked."""
        card = self.find(number)
        if card is None:
            raise UnknownGiftCard("no card of this number here")
        if card.status == BLOCKED:
            raise GiftCardBlocked("head office has stopped this card", last_four=card.last_four)
        return card

    def spendable(self, number: str) -> GiftCardView:
        """A card that was sold. Raises as `known`, and GiftCardNotSold."""
        card = self.known(number)
        if card.status == NEW:
            raise GiftCardNotSold("nothing was put on this card yet", last_four=card.last_four)
        return card

    def check_load(self, account_id: str, amount_minor: int) -> None:
        """What one sale puts on a card. Raises NoTopUp, GiftCardBlocked, TopUpNotTaken, PurseTooFull.

        A bonus is for members: a card gets what was paid for it.
        """
        policy = self._counter.rules.top_up
        if not policy.sku:
            raise NoTopUp("this chain sells no stored value")
        card = self._counter.shared.gift_card(account_id)
        if card is not None and card.status == BLOCKED:
            raise GiftCardBlocked("head office has stopped this card", last_four=card.last_four)
        replace(policy, bonus=()).check(amount_minor, 0 if card is None else card.balance_minor)

    def reason_of_load(self, account_id: str) -> StoredValueKind:
        """`sold` for what makes a new card money, `topped_up` for more."""
        card = self._counter.shared.gift_card(account_id)
        return "sold" if card is not None and card.status == NEW else "topped_up"
