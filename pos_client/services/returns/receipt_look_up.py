"""Receipts that this journal does not hold, asked of head office: other tills, other stores, the web shop."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from concurrent.futures import Future

from pos_client.services.counter import Counter
from pos_client.services.refusals.returns import LookUpOffline, LookUpRefused
from pos_client.services.returns.return_origin import Origin
from pos_client.services.returns.sold_receipts import Sold, SoldReceipts, of_summary
from pos_client.services.views.returns import ReceiptRow
from pos_core.compact import NotCompact
from pos_core.errors import Trouble
from pos_core.sale.receipt_summary import unpack_summary
from pos_core.sync.receipt_messages import FoundReceipt, ReceiptAnswer, ReceiptQuestion

Ask = Callable[[ReceiptQuestion], "Future[ReceiptAnswer]"]


class ReceiptLookUp:
    """Main thread; what is found stays at hand, so that `SoldReceipts` knows it from then on."""

    def __init__(self, counter: Counter, receipts: SoldReceipts, ask: Ask) -> None:
        self._counter = counter
        self._receipts = receipts
        self._ask = ask

    def one(self, origin: Origin) -> Future[list[ReceiptRow]]:
        """The sale of a reference; empty when head office does not know it.

        Raises NotSignedOn; the future fails with LookUpOffline, LookUpRefused.
        """
        return self._found(
            ReceiptQuestion(
                workstation_id=origin.workstation_id, incarnation=origin.incarnation, number=origin.number
            )
        )

    def search(
        self,
        *,
        business_day: str | None = None,
        total_minor: int | None = None,
        item: str | None = None,
        member_id: str | None = None,
        limit: int = 20,
    ) -> Future[list[ReceiptRow]]:
        """Sales of this store at any of its tills: a member's, or those of a day (today).

        Raises NotSignedOn, UnknownCode; the future fails as `one`.
        """
        sku = None if item is None else self._receipts.sku(item)
        day = None if member_id is not None else business_day or self._counter.business_day()
        return self._found(
            ReceiptQuestion(
                member_id=member_id, business_day=day, total_minor=total_minor, sku=sku, limit=limit
            )
        )

    def _found(self, question: ReceiptQuestion) -> Future[list[ReceiptRow]]:
        self._counter.require_operator()
        asked = self._ask(question)
        answer: Future[list[ReceiptRow]] = Future()

        def answered(future: Future[ReceiptAnswer]) -> None:
            error = future.exception()
            if error is None:
                answer.set_result(self._keep(future.result()))
            elif isinstance(error, Trouble):
                answer.set_exception(_trouble(error))
            else:
                answer.set_exception(error)

        asked.add_done_callback(answered)
        return answer

    def _keep(self, found: ReceiptAnswer) -> list[ReceiptRow]:
        rows = []
        for each in found.receipts:
            sold = _sold(each)
            if sold is None:
                continue
            if sold.origin.workstation_id != self._counter.identity.workstation_id:
                self._receipts.keep(sold)
            rows.append(self._receipts.row(sold))
        return rows


def _sold(found: FoundReceipt) -> Sold | None:
    known = tuple(((each.workstation_id, each.incarnation, each.number), each.data) for each in found.returns)
    try:
        summary = unpack_summary(base64.b64decode(found.summary, validate=True))
    except (NotCompact, binascii.Error, ValueError):
        return None  # a newer head office's: this program cannot read it
    return of_summary(summary, "head_office", known)


def _trouble(error: Trouble) -> Trouble:
    refused = getattr(error, "server_code", None)
    if refused is not None:
        return LookUpRefused("head office refuses the question", server_code=refused)
    return LookUpOffline("head office does not answer")
