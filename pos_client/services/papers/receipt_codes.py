"""The signed code on a receipt: made from a sale of ours, read from anybody's. docs/returns.md."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from pos_client.services.counter import Counter
from pos_client.services.refusals.returns import (
    ReceiptCodeAltered,
    ReceiptCodeForeign,
    ReceiptCodeRevoked,
    ReceiptCodeTorn,
    ReceiptCodeUnknownKey,
)
from pos_client.services.workstation_keys import known_workstation, signature_holds
from pos_core.compact import NotCompact
from pos_core.sale.receipt_code import chain_mark, code_text, read_code, statement_of
from pos_core.sale.receipt_summary import SaleSummary, pack_summary
from pos_core.sale.sold_shares import used_promotions


class ReceiptCodes:
    """Any thread."""

    def __init__(self, counter: Counter) -> None:
        self._counter = counter

    def of_sale(self, document: Mapping[str, Any]) -> str:
        """The code's text for a decoded sale of this workstation.

        "" where the template wants none, in training, and for a sale too long for paper: such a receipt
        carries its reference alone. Uses of limited promotions are left out where only they make it too long.
        """
        counter = self._counter
        template = counter.rules.receipt_template
        if document["type"] != "sale" or counter.is_training or not template.return_summary:
            return ""
        limited = self._limited(document)
        text = self._signed(document, limited) if limited else None
        return text or self._signed(document, ()) or ""

    def _signed(self, document: Mapping[str, Any], limited: Collection[str]) -> str | None:
        counter = self._counter
        packed = pack_summary(document, chain=chain_mark(counter.identity.chain_id), limited=limited)
        return code_text(packed, counter.journal.sign_statement(statement_of(packed)))

    def _limited(self, document: Mapping[str, Any]) -> Collection[str]:
        """Of the promotions that the sale used, those with limits; () where its release is not kept."""
        release = document.get("release")
        if release is None or not used_promotions(document["body"]):
            return ()
        rules = self._counter.rule_sets.of(release["version"])
        return () if rules is None else rules.limited()

    def read(self, text: str) -> SaleSummary:
        """What a code says, once its signature holds.

        Raises ReceiptCodeTorn, ReceiptCodeForeign, ReceiptCodeUnknownKey, ReceiptCodeRevoked,
        ReceiptCodeAltered.
        """
        try:
            found = read_code(text)
        except NotCompact:
            raise ReceiptCodeTorn("this is no whole receipt code") from None
        summary = found.summary
        if summary.chain != chain_mark(self._counter.identity.chain_id):
            raise ReceiptCodeForeign("a receipt of another chain")
        seller = known_workstation(self._counter, summary.workstation_id)
        if seller is None:
            raise ReceiptCodeUnknownKey(
                "no key of that workstation is known here", workstation_id=summary.workstation_id
            )
        if seller.state != "active":
            raise ReceiptCodeRevoked("that workstation was revoked", workstation=seller.name)
        if not signature_holds(seller.public_key, found.signature, found.statement):
            raise ReceiptCodeAltered("the signature does not hold", workstation=seller.name)
        return summary
