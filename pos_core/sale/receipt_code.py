"""The signed code on a receipt: `TMR1.<base32 of signature and summary>`, letters and digits only.

Capitals, digits and a point are a QR code's small alphabet, and no sign among them is a key of any keymap,
so a scanner that types sends it whole. The key is the selling workstation's own; its public half comes down
the feed (`workstation_key`). Until the signature is checked nothing in it is true. docs/returns.md.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass

from pos_core.compact import NotCompact
from pos_core.sale.receipt_summary import SaleSummary, unpack_summary

PREFIX = "TMR1."
REFERENCE_START = "TM1."
"""Of the reference alone, `TM1.workstation.incarnation.number`."""
LABEL = b"tidemark.receipt.1\0"
CHARACTERS_MAX = 900
"""A QR code of version 19 at error correction M: 93 modules, four dots each on 58 mm paper."""
_SIGNATURE_BYTES = 64
_TEXT = re.compile(r"[A-Z2-7]+")


@dataclass(frozen=True, slots=True)
class SignedSummary:
    """A code taken apart; `statement` is what `signature` must hold for."""

    summary: SaleSummary
    statement: bytes
    signature: bytes


def statement_of(packed: bytes) -> bytes:
    """What the selling workstation signs."""
    return LABEL + packed


def code_text(packed: bytes, signature: bytes) -> str | None:
    """The text of the code; None where it would be too long to print."""
    text = PREFIX + base64.b32encode(signature + packed).decode().rstrip("=")
    return text if len(text) <= CHARACTERS_MAX else None


def is_receipt_code(text: str) -> bool:
    """True for what a scanner reads off a receipt with a summary, in capitals or not."""
    return text.strip()[: len(PREFIX)].upper() == PREFIX


def read_code(text: str) -> SignedSummary:
    """Taken apart, nothing verified yet. Raises NotCompact for a code that is torn or changed."""
    body = text.strip().upper().removeprefix(PREFIX)
    if len(body) > CHARACTERS_MAX or not _TEXT.fullmatch(body):
        raise NotCompact("no receipt code")
    try:
        data = base64.b32decode(body + "=" * (-len(body) % 8))
    except binascii.Error:
        raise NotCompact("torn") from None
    signature, packed = data[:_SIGNATURE_BYTES], data[_SIGNATURE_BYTES:]
    return SignedSummary(unpack_summary(packed), statement_of(packed), signature)


def chain_mark(chain_id: str) -> str:
    """Tells one chain's receipts from another's: eight digits of its id's hash."""
    return hashlib.sha256(chain_id.encode()).hexdigest()[:8]
