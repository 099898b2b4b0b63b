"""Sales that goods may come back of: this workstation's own, and any of the chain by its receipt's code.

What came back of one before: by this journal, by what the feed and the store's other workstations told, and
by what head office answered, each return once. docs/returns.md.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from pos_client.journal import sold
from pos_client.peers import facts
from pos_client.receipts.numbers import document_label, series_label
from pos_client.replica import receipt_returns
from pos_client.services.counter import Counter
from pos_client.services.papers.receipt_codes import ReceiptCodes
from pos_client.services.refusals.basket import UnknownCode
from pos_client.services.refusals.returns import NoReceipt, ReceiptElsewhere
from pos_client.services.returns.return_origin import Origin
from pos_client.services.views.returns import ReceiptLineView, ReceiptRow, SoldReceiptView
from pos_core.sale.receipt_code import REFERENCE_START, is_receipt_code
from pos_core.sale.receipt_return import Known, in_order, place_of, return_data
from pos_core.sale.receipt_summary import SaleSummary
from pos_core.sale.refunding import left_of
from pos_core.sale.sold_units import sold_lines

FOUND_MAX = 50
KEPT_MAX = 200
"""Receipts of other workstations that stay at hand once they were read."""
By = Literal["journal", "code", "head_office"]
_REFERENCE = re.compile(r"TM1\.([A-Za-z0-9_-]{1,64})\.([1-9][0-9]{0,5})\.([1-9][0-9]{0,11})")


@dataclass(frozen=True, slots=True)
class Sold:
    """A sale as far as a return needs it.

    Attributes:
        body: its own, or a summary's `sold`.
        by: who says so: this journal, the signed code on the receipt, head office.
        release: the version that priced it; None where only a summary is known.
        known: returns that head office named with it.
    """

    origin: Origin
    store_id: str
    business_day: str
    occurred_at_ms: int
    body: Mapping[str, Any]
    by: By
    release: int | None = None
    known: tuple[Known, ...] = field(default=())

    def as_origin(self) -> dict[str, Any]:
        """As a `return` document names it."""
        origin = self.origin
        return {
            "workstation_id": origin.workstation_id,
            "incarnation": origin.incarnation,
            "number": origin.number,
            "store_id": self.store_id,
            "by": self.by,
        }


class SoldReceipts:
    """Main thread, but for `keep`."""

    def __init__(self, counter: Counter, codes: ReceiptCodes) -> None:
        self._counter = counter
        self._codes = codes
        self._elsewhere: dict[Origin, Sold] = {}

    def find(self, text: str) -> SoldReceiptView:
        """By what the receipt's code says, or its number at this workstation (`7`, `收银台1-000007`).

        Raises NoReceipt, ReceiptElsewhere (only a reference to another workstation's sale, which head office
        must be asked for), and what `ReceiptCodes.read` raises.
        """
        return self.view(self._origin_of(text))

    def of(self, origin: Origin) -> Sold:
        """Raises NoReceipt, ReceiptElsewhere."""
        own = self._counter.journal.series.workstation_id
        if origin.workstation_id == own:
            document = self._counter.journal.read(
                lambda c: sold.sale_at(c, origin.incarnation, origin.number)
            )
            if document is not None:
                return _of_document(origin, document)
        known = self._elsewhere.get(origin)
        if known is not None:
            return known
        if origin.workstation_id != own:
            raise ReceiptElsewhere("sold at another workstation", workstation_id=origin.workstation_id)
        raise NoReceipt("no such sale in this journal", number=origin.number)

    def code_of(self, text: str) -> str:
        """The signed code of an own sale; "" where its receipt carries none. Raises NoReceipt."""
        origin = self._origin_of(text)
        own = self._counter.journal.series.workstation_id
        document = None
        if origin.workstation_id == own:
            document = self._counter.journal.read(
                lambda c: sold.sale_at(c, origin.incarnation, origin.number)
            )
        if document is None:
            raise NoReceipt("no such sale in this journal", number=origin.number)
        return self._codes.of_sale(document)

    def earlier(self, of: Sold) -> list[Mapping[str, Any]]:
        """Every return of the sale that is known here, in the order in which rulings let them stand."""
        place = of.origin.place
        own = self._counter.journal.read(lambda c: sold.returns_of(c, *place))
        heard = self._counter.replica.read(lambda c: receipt_returns.returns_of(c, place))
        mine = [(place_of(each), return_data(each)) for each in own]
        peers = self._counter.peers
        told = [] if peers is None else peers.read(lambda c: facts.returns_of(c, place))
        return in_order([*of.known, *heard, *told, *mine])

    def keep(self, found: Sold) -> None:
        """A receipt of another workstation stays at hand; the oldest goes."""
        self._elsewhere.pop(found.origin, None)
        self._elsewhere[found.origin] = found
        while len(self._elsewhere) > KEPT_MAX:
            del self._elsewhere[next(iter(self._elsewhere))]

    def search(
        self,
        *,
        business_day: str | None = None,
        total_minor: int | None = None,
        item: str | None = None,
        member_id: str | None = None,
        limit: int = 20,
    ) -> list[ReceiptRow]:
        """Sales of this workstation that fit, the newest first. `item`: a code, or words: the best match.

        Raises UnknownCode.
        """
        sku = None if item is None else self.sku(item)
        limit = min(max(limit, 1), FOUND_MAX)
        found = self._counter.journal.read(
            lambda c: sold.find_sales(
                c,
                business_day=business_day,
                total_minor=total_minor,
                sku=sku,
                member_id=member_id,
                limit=limit,
            )
        )
        return [self.row(_of_document(Origin(*place_of(document)), document)) for document in found]

    def sku(self, text: str) -> str:
        """The item that a code or words mean. Raises UnknownCode."""
        replica = self._counter.replica
        gtin = text.strip().zfill(14)
        found = replica.resolve_gtin(gtin) if gtin.isdigit() and len(gtin) == 14 else None
        item = found[0] if found else replica.item_by_sku(text.strip())
        if item is None:
            hits = replica.search(text.strip()[:64], 1)
            item = hits[0] if hits else None
        if item is None:
            raise UnknownCode("no item answers to this", seen=text[:64])
        return item.sku

    def view(self, origin: Origin) -> SoldReceiptView:
        """What was sold, and what is left of each line. Raises as `of`."""
        found = self.of(origin)
        left = left_of(found.body, self.earlier(found))
        by_piece = {no: line.by_piece for no, line in sold_lines(found.body).items()}
        return SoldReceiptView(
            workstation_id=origin.workstation_id,
            incarnation=origin.incarnation,
            number=origin.number,
            label=self._label(origin),
            occurred_at_ms=found.occurred_at_ms,
            business_day=found.business_day,
            total_minor=found.body["total_minor"],
            member_id=found.body["member_id"],
            store_id=found.store_id,
            found_by=found.by,
            lines=tuple(
                ReceiptLineView(
                    line["line_no"],
                    line["sku"],
                    line["name"] or self._name(line["sku"]),
                    line["quantity_milli"],
                    line["net_minor"],
                    left.get(line["line_no"], 0),
                    by_piece.get(line["line_no"], False),
                )
                for line in found.body["lines"]
            ),
        )

    def row(self, found: Sold) -> ReceiptRow:
        """In a list."""
        lines = found.body["lines"]
        return ReceiptRow(
            workstation_id=found.origin.workstation_id,
            incarnation=found.origin.incarnation,
            number=found.origin.number,
            label=self._label(found.origin),
            occurred_at_ms=found.occurred_at_ms,
            total_minor=found.body["total_minor"],
            names=tuple(line["name"] or self._name(line["sku"]) for line in lines[:3]),
            line_count=len(lines),
            store_id=found.store_id,
            found_by=found.by,
        )

    def body_with_names(self, found: Sold) -> Mapping[str, Any]:
        """The body; a summary's lines with the names and departments that are known here."""
        if found.by == "journal":
            return found.body
        lines = []
        for line in found.body["lines"]:
            item = self._counter.replica.item_by_sku(line["sku"])
            names = {} if item is None else {"name": item.name, "department_code": item.department_code}
            lines.append({**line, "name": line["sku"], **names})
        return {**found.body, "lines": lines}

    def _origin_of(self, text: str) -> Origin:
        text = text.strip()
        if is_receipt_code(text):
            summary = self._codes.read(text)
            self.keep(of_summary(summary, "code"))
            return Origin(summary.workstation_id, summary.incarnation, summary.number)
        own = self._counter.journal.series
        if text.startswith(REFERENCE_START):
            return reference_of(text)
        digits = text.rpartition("-")[2]
        if not (digits.isascii() and digits.isdigit() and 0 < len(digits) <= 12):
            raise NoReceipt("this is no receipt number", number=None)
        return Origin(own.workstation_id, own.incarnation, int(digits))

    def _name(self, sku: str) -> str:
        item = self._counter.replica.item_by_sku(sku)
        return sku if item is None else item.name

    def _label(self, origin: Origin) -> str:
        identity = self._counter.identity
        name = identity.workstation_name
        if origin.workstation_id != identity.workstation_id:
            other = self._counter.replica.read(
                lambda c: receipt_returns.workstation(c, origin.workstation_id)
            )
            name = origin.workstation_id[:8] if other is None else other.name
        return document_label(series_label(name, origin.incarnation), origin.number)


def reference_of(text: str) -> Origin:
    """The sale that `TM1.workstation.incarnation.number` names. Raises NoReceipt."""
    code = _REFERENCE.match(text.strip())
    if code is None:
        raise NoReceipt("this is no reference of a receipt", number=None)
    return Origin(code[1], int(code[2]), int(code[3]))


def of_summary(summary: SaleSummary, by: By, known: tuple[Known, ...] = ()) -> Sold:
    """A summary that somebody vouches for."""
    return Sold(
        origin=Origin(summary.workstation_id, summary.incarnation, summary.number),
        store_id=summary.store_id,
        business_day=summary.business_day,
        occurred_at_ms=summary.occurred_at_ms,
        body=summary.sold,
        by=by,
        known=known,
    )


def _of_document(origin: Origin, document: Mapping[str, Any]) -> Sold:
    release = document["release"]
    return Sold(
        origin=origin,
        store_id=document["store_id"],
        business_day=document["business_day"],
        occurred_at_ms=document["occurred_at_ms"],
        body=document["body"],
        by="journal",
        release=None if release is None else release["version"],
    )
