"""Gift cards at the counter: found, also through head office, sold or topped up, and paid out."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future

from pos_client.keys.sealing import seal
from pos_client.services.accounts.stored_value import StoredValue, loaded
from pos_client.services.basket.ring_up import RingUp
from pos_client.services.counter import Counter
from pos_client.services.futures import done, then
from pos_client.services.views.basket import Entered
from pos_client.services.views.members import GiftCardView
from pos_client.services.views.returns import CompletedReturn
from pos_core.customer.gift_card import gift_text
from pos_core.quantity import PIECE_MILLI
from pos_core.sync.sealing import LABEL_PERSONAL


class GiftCards:
    """Front end's thread. Numbers come in and go nowhere: a basket and a document name the account."""

    def __init__(
        self,
        counter: Counter,
        ring_up: RingUp,
        purses: StoredValue,
        *,
        sealing_public_key: bytes,
        ask: Callable[[bytes], Future[bool]],
    ) -> None:
        self._counter = counter
        self._ring_up = ring_up
        self._purses = purses
        self._book = purses.cards
        self._sealing_public_key = sealing_public_key
        self._ask = ask

    def find(self, number: str) -> GiftCardView | None:
        """The card as known here; None: this store does not know it. Raises NotSignedOn, NotAGiftCard."""
        self._counter.require_operator()
        return self._book.find(number)

    def find_anywhere(self, number: str) -> Future[GiftCardView | None]:
        """`find`, and where this store does not know the card, head office. None: no card of the chain.

        Raises as `find`. The future fails with Trouble while head office is out of reach.
        """
        number = number.strip()
        here = self.find(number)
        if here is not None:
            return done(here)
        sealed = seal(gift_text(number).encode(), self._sealing_public_key, label=LABEL_PERSONAL)
        return then(self._ask(sealed), lambda found: self._book.find(number) if found else None)

    def load(self, number: str, amount_minor: int) -> Entered:
        """Put a line on the basket that loads the card once it is paid; the first time, that sells the card.

        Refusals: unknown_gift_card, gift_card_blocked, no_top_up (the chain sells none), top_up_not_taken,
        purse_too_full, and what ringing up refuses.
        """
        counter = self._counter
        counter.require_scanning()
        card = self._book.known(number)
        already = loaded(counter.basket).get(card.account_id, 0)
        self._book.check_load(card.account_id, already + amount_minor)
        return self._ring_up.add_sku(
            counter.rules.top_up.sku,
            PIECE_MILLI,
            price_minor=amount_minor,
            entered="typed",
            account_id=card.account_id,
            note=shown_number(card.last_four),
        )

    def pay_out(
        self, number: str, amount_minor: int | None, approval: str | None = None
    ) -> Future[CompletedReturn]:
        """What is on the card in cash (`StoredValue.pay_out`)."""
        return self._purses.pay_out(amount_minor, approval=approval, number=number)


def shown_number(last_four: str) -> str:
    """What may be shown and printed of a card's number."""
    return f"**** {last_four}"
