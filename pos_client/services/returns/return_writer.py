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
from pos_client.services.papers.balances import balances_after
from pos_client.services.papers.printing import Printing
from pos_client.services.papers.receipt_maker import ReceiptMaker
from pos_client.services.views.returns import CompletedReturn, RefundTenderView
from pos_core.sale.line_item import LineItem
from pos_core.sale.refund_tenders import EXCHANGE_KIND
from pos_core.sale.return_body import returned_lines_body
from pos_core.sale.sale_body import sold_line
from pos_core.sale.totals import total_lines


def cash_back_body(
    counter: Counter, lines: Sequence[LineItem], *, paid_minor: int, instant_ms: int, more: Mapping[str, Any]
) -> dict[str, Any]:
    """A `return` of `lines` that no sale of goods stands behind, paid out in cash."""
    rules = counter.rules
    about = {
        "currency": rules.currency,
        "exponent": rules.exponent,
        "price_list_id": rules.store.price_list_id,
        "channel": "pos",
        "member_id": counter.member.member_id if counter.member else None,
        "instant_ms": instant_ms,
    }
    tender = {
        "tender_code": rules.cash_code,
        "tender_kind": "cash",
        "amount_minor": paid_minor,
        "change_minor": 0,
        "confirmed": None,
        "reference": None,
    }
    totals = total_lines(lines).lines
    sold = [sold_line(line, total) for line, total in zip(lines, totals, strict=True)]
    offline = {"offline": True} if counter.is_offline() else {}
    return returned_lines_body(
        about,
        sold,
        [tender],
        cash_rounding_minor=paid_minor - sum(total.net_minor for total in totals),
        more={"origin": None, **more, **offline},
    )


class ReturnWriter:
    """For every service that gives money back."""

    def __init__(self, counter: Counter, maker: ReceiptMaker, printing: Printing) -> None:
        self._counter = counter
        self._maker = maker
        self._printing = printing

    def write(self, body: dict[str, Any], before: Sequence[Draft] = ()) -> Future[CompletedReturn]:
        """One transaction with what stands `before` it; drawer and printer only once it is durable."""
        counter = self._counter
        body = {**body, **balances_after(counter, body)}
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
