"""Writes a `return` document: money out of the till, then the drawer and the paper."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from dataclasses import replace
from typing import Any

from pos_client.journal.draft import Draft, Recorded
from pos_client.receipts.model import Receipt
from pos_client.services.counter import Counter
from pos_client.services.futures import then
from pos_client.services.printing import Printing
from pos_client.services.receipt_maker import ReceiptMaker
from pos_client.services.views import CompletedReturn, RefundTenderView
from pos_core.sale.refund_tenders import EXCHANGE_KIND


class ReturnWriter:
    """For every service that gives money back."""

    def __init__(self, counter: Counter, maker: ReceiptMaker, printing: Printing) -> None:
        self._counter = counter
        self._maker = maker
        self._printing = printing

    def write(self, body: dict[str, Any], before: Sequence[Draft] = ()) -> Future[CompletedReturn]:
        """One transaction with what stands `before` it; drawer and printer only once it is durable."""
        counter = self._counter
        draft = counter.draft("return", body)
        header = {
            "type": "return",
            "workstation_id": counter.identity.workstation_id,
            "incarnation": counter.journal.series.incarnation,
            "number": 0,
            "document_id": "",
            "store_id": counter.identity.store_id,
            "occurred_at_ms": counter.time.now_ms(),
            "business_day": draft.business_day,
            "operator_id": draft.operator_id,
            "body": body,
        }
        receipt = self._maker.of_document(header)  # nothing that could fail is left for after the commit
        opens_drawer = any(each["tender_kind"] == "cash" and each["amount_minor"] for each in body["tenders"])
        counter.writing = True

        def written(recorded: list[Recorded]) -> CompletedReturn:
            last = recorded[-1]
            known = replace(receipt, number=last.number, document_id=last.document_id)
            counter.writing = False
            self._printing.print_sale(known, open_drawer=opens_drawer)
            counter.changed()
            return _completed(known, last, body)

        return then(counter.record([*before, draft]), written, otherwise=self._not_written)

    def _not_written(self) -> None:
        self._counter.writing = False


def _completed(receipt: Receipt, recorded: Recorded, body: Mapping[str, Any]) -> CompletedReturn:
    return CompletedReturn(
        number=recorded.number,
        series_label=receipt.series_label,
        document_id=recorded.document_id,
        receipt=receipt,
        total_minor=body["total_minor"],
        cash_minor=sum(each["amount_minor"] for each in body["tenders"] if each["tender_kind"] == "cash"),
        tenders=tuple(
            RefundTenderView(each["tender_code"], each["tender_kind"], each["amount_minor"])
            for each in body["tenders"]
            if each["tender_kind"] != EXCHANGE_KIND
        ),
    )
