"""Taking tenders for the basket and finishing the sale."""

from __future__ import annotations

from concurrent.futures import Future

from pos_client.services.views import CompletedSale, PaymentView


class Payment:
    """begin → add … → finish; `back` returns to scanning and drops nothing that a terminal confirmed."""

    def begin(self) -> PaymentView:
        """Lock the basket for payment. Refusals: basket_empty, no_open_shift, not_signed_on."""
        raise NotImplementedError

    def view(self) -> PaymentView | None:
        """The payment under way, or None while scanning."""
        raise NotImplementedError

    def add(self, tender_code: str, amount_minor: int | None, reference: str | None = None) -> PaymentView:
        """Add a tender; `amount_minor` None = what remains. Refusals: unknown_tender, tender_too_high, …"""
        raise NotImplementedError

    def remove(self, index: int) -> PaymentView:
        """Take a tender off again (0 = first)."""
        raise NotImplementedError

    def back(self) -> None:
        """Back to scanning; tenders are dropped. Refusal `sale_being_written`."""
        raise NotImplementedError

    def finish(self) -> Future[CompletedSale]:
        """Write the sale: one transaction; drawer and printer only after it is durable.

        Raises at once: not_fully_paid, payment_not_begun. On the future: DiskFull, DiskTrouble; the basket
        and its tenders are then as they were, and nothing was opened or printed.
        """
        raise NotImplementedError
