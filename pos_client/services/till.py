"""The drawer and the till's money apart from sales."""

from __future__ import annotations

from concurrent.futures import Future


class Till:
    """No-sale openings and tender movements; each is a document."""

    def no_sale(self, reason: str) -> Future[int]:
        """Open the drawer without a sale; resolves with the document's number once it is journaled."""
        raise NotImplementedError

    def move(self, kind: str, amount_minor: int, reason: str, tender_code: str = "cash") -> Future[int]:
        """`kind`: loan | pickup | paid_in | paid_out. Resolves with the document's number."""
        raise NotImplementedError
