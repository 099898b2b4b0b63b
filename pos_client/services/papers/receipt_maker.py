"""Receipts with the names that a document leaves out, looked up in the replica."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from pos_client.receipts.from_document import ReceiptContext, receipt_of
from pos_client.receipts.model import Language, Receipt
from pos_client.receipts.template import ReceiptTemplate
from pos_client.services.counter import Counter
from pos_client.services.own_tenders import EXCHANGE_TENDER, POINTS_TENDER
from pos_client.services.views.members import MemberView
from pos_core.catalog.store import TenderType
from pos_core.customer.member import masked_name

_EMPLOYEE = "SELECT name FROM employee WHERE employee_id = ?"


class ReceiptMaker:
    """`language` is the receipt's own, whatever the window speaks."""

    def __init__(self, counter: Counter, language: Language = "zh") -> None:
        self._counter = counter
        self.member_of: Callable[[str], MemberView | None] = lambda member_id: None
        self.language: Language = language

    def context(
        self,
        skus: list[str],
        operator_id: str | None,
        units: Mapping[str, str] | None = None,
        *,
        member_id: str | None = None,
    ) -> ReceiptContext:
        """The names for a receipt of these items; `units` where the caller knows them already."""
        counter = self._counter
        rules = counter.rules
        return ReceiptContext(
            store=rules.store,
            workstation_name=counter.identity.workstation_name,
            operator_name=self.operator_name(operator_id),
            tender_names={
                each.tender_code: self._tender_name(each)
                for each in (POINTS_TENDER, EXCHANGE_TENDER, *rules.tender_types)
            },
            units=units if units is not None else self._units(skus),
            member_name=self._member_name(member_id),
            language=self.language,
            footer=rules.receipt_footer,
            template=rules.receipt_template,
            is_training=counter.is_training,
        )

    @property
    def template(self) -> ReceiptTemplate:
        """What the chain puts on receipts now."""
        return self._counter.rules.receipt_template

    def of_document(self, document: Mapping[str, Any]) -> Receipt:
        """A receipt of a stored sale."""
        skus = [line["sku"] for line in document["body"]["lines"]]
        member_id = document["body"]["member_id"]
        return receipt_of(document, self.context(skus, document["operator_id"], member_id=member_id))

    def operator_name(self, operator_id: str | None) -> str:
        """An employee's name; the id where it is not known here any more."""
        operator = self._counter.operator
        if operator is not None and operator.operator_id == operator_id:
            return operator.name
        if operator_id is None:
            return ""
        row = self._counter.replica.read(lambda c: c.execute(_EMPLOYEE, (operator_id,)).fetchone())
        return operator_id if row is None else str(row[0])

    def _member_name(self, member_id: str | None) -> str | None:
        """Masked: a receipt lies about. None where he is not known here, or not any more."""
        member = None if member_id is None else self.member_of(member_id)
        if member is None:
            return None
        return f"{masked_name(member.display_name)} {member.masked_phone}".strip() or None

    def _units(self, skus: list[str]) -> dict[str, str]:
        items = (self._counter.replica.item_by_sku(sku) for sku in dict.fromkeys(skus))
        return {item.sku: item.unit for item in items if item is not None}

    def _tender_name(self, tender_type: TenderType) -> str:
        if self.language == "en" and tender_type.name_en:
            return tender_type.name_en
        return tender_type.name
