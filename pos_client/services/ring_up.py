"""Ringing up: everything scanned or typed into the code box ends here."""

from __future__ import annotations

from concurrent.futures import Future

from pos_client.services.views import BasketView, Entered


class RingUp:
    """The basket in progress and what an operator does with it. Main thread only; no call touches the disk.

    A scan of the item on the newest line adds one more to that line (same price, not weighed); a scan
    of anything else opens a new line, so an operator can always undo the last thing he did.
    """

    @property
    def multiplier(self) -> int | None:
        """Thousandths waiting for the next code (after `3*` and Enter), or None."""
        raise NotImplementedError

    def enter(self, text: str) -> Entered:
        """A scan or a typed text: GTIN, GS1 element string, in-store code, PLU, `3*code`, `3*`, `*5`.

        Refusals: not_signed_on, no_open_shift, basket_locked, unknown_code, bad_check_digit,
        item_not_sold, no_price, bad_quantity, quantity_not_whole, no_line_chosen, empty_entry. The basket
        is as it was after a refusal.
        """
        raise NotImplementedError

    def add_sku(
        self,
        sku: str,
        quantity_milli: int = 1000,
        weight_milli: int | None = None,
        price_minor: int | None = None,
        entered: str = "search",
    ) -> Entered:
        """Add a found item; `weight_milli` for weighed ones, `price_minor` for open-price ones."""
        raise NotImplementedError

    def choose(self, line_no: int | None) -> None:
        """The line that `*5`, `+`, `-` and void act on; None = the newest one."""
        raise NotImplementedError

    def set_quantity(self, line_no: int, quantity_milli: int) -> BasketView:
        """Refusals: unknown_line, line_voided, bad_quantity, quantity_not_whole."""
        raise NotImplementedError

    def void_line(self, line_no: int) -> BasketView:
        """Take a line off; it stays visible as voided and travels with the sale's document."""
        raise NotImplementedError

    def clear(self) -> Future[None]:
        """Abandon the basket: journals basket_abandoned with its lines. No-op future when it is empty."""
        raise NotImplementedError

    def basket(self) -> BasketView:
        """The basket as it is now; cheap to call again while nothing changed."""
        raise NotImplementedError
