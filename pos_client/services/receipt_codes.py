"""The signed code on a receipt: made from a sale of ours, read from anybody's. docs/returns.md."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Any

from pos_client.replica import receipt_returns
from pos_client.replica.receipt_returns import KnownWorkstation
from pos_client.services.counter import Counter
from pos_client.services.refusals import (
    ReceiptCodeAltered,
    ReceiptCodeForeign,
    ReceiptCodeRevoked,
    ReceiptCodeTorn,
    ReceiptCodeUnknownKey,
)
from pos_core.compact import NotCompact
from pos_core.sale.receipt_code import chain_mark, code_text, read_code, statement_of
from pos_core.sale.receipt_summary import SaleSummary, pack_summary


class ReceiptCodes:
    """Any thread."""

    def __init__(self, counter: Counter) -> None:
        self._counter = counter

    def of_sale(self, document: Mapping[str, Any]) -> str:
        """The code's text for a decoded sale of this workstation.

        "" where the template wants none, in training, and for a sale too long for paper: such a receipt
        carries its reference alone.
        """
        counter = self._counter
        template = counter.rules.receipt_template
        if document["type"] != "sale" or counter.is_training or not template.return_summary:
            return ""
        packed = pack_summary(document, chain=chain_mark(counter.identity.chain_id))
        return code_text(packed, counter.journal.sign_statement(statement_of(packed))) or ""

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
        seller = self._seller(summary.workstation_id)
        if seller is None:
            raise ReceiptCodeUnknownKey(
                "no key of that workstation is known here", workstation_id=summary.workstation_id
            )
        if seller.state != "active":
            raise ReceiptCodeRevoked("that workstation was revoked", workstation=seller.name)
        if not _holds(seller.public_key, found.signature, found.statement):
            raise ReceiptCodeAltered("the signature does not hold", workstation=seller.name)
        return summary

    def _seller(self, workstation_id: str) -> KnownWorkstation | None:
        """As the feed says; this workstation knows itself before any feed."""
        identity = self._counter.identity
        if workstation_id == identity.workstation_id:
            name, key = identity.workstation_name, self._counter.journal.public_key()
            return KnownWorkstation(workstation_id, identity.store_id, name, key, "active")
        return self._counter.replica.read(lambda c: receipt_returns.workstation(c, workstation_id))


def _holds(public_key: str, signature: bytes, statement: bytes) -> bool:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        key = Ed25519PublicKey.from_public_bytes(base64.b64decode(public_key, validate=True))
        key.verify(signature, statement)
    except (InvalidSignature, ValueError, binascii.Error):
        return False
    return True
