"""One received document: its bytes, its hash, and what its header says, decoded once.

The exact bytes are kept; decoding only looks. Bytes that are no document at all become a `Received`
without a header, and keep their place in the chain by their hash.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from pos_core.canonical import is_canonical
from pos_core.sync.document import document_hash

_LONG_NUMBER: Final = re.compile(rb"[:\[,]-?\d{16}")
_AS_FORM: Final = bytes.maketrans(b"123456789[,-", b"000000000:::")
_FORM_OF_A_LONG_NUMBER: Final = b":" + b"0" * 16


class NotApplicable(Exception):
    """Why a document cannot be applied: a stable reason and a sentence without personal data."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(reason, detail)
        self.reason = reason
        self.detail = detail


@dataclass(slots=True)
class Received:
    """A document at its place in a batch. `trouble` says why it must go to quarantine, if it must.

    Attributes:
        prev_hash: what the document says comes before it; None when the bytes do not say.
        is_right: canonical, header and body were found right for the series, the store and the number that
            it is to be applied under (`quick_reading`): only its rows are left to be made.
    """

    number: int
    data: bytes
    hash: str
    value: dict[str, Any] | None
    trouble: NotApplicable | None
    prev_hash: str | None
    is_right: bool = False


def no_floats(text: str) -> Any:
    """A decoder's hook: documents hold integers alone."""
    raise ValueError(f"{text} is not an integer")


_decoder = msgspec.json.Decoder(dict[str, Any], float_hook=no_floats)


def receive(data: bytes, number: int) -> Received:
    """Hashes and decodes one document; never raises for what the bytes hold."""
    digest = document_hash(data)
    try:
        value = _decoder.decode(data)
        trouble = (
            None if _canonical(data, value) else NotApplicable("not_canonical", "not the canonical bytes")
        )
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        return Received(number, data, digest, None, NotApplicable("bad_document", str(error)[:200]), None)
    before = value.get("prev_hash")
    return Received(number, data, digest, value, trouble, before if isinstance(before, str) else None)


def may_hold_a_long_number(data: bytes) -> bool:
    """Whether an integer of JSON in `data` may lie beyond 2**53: it has sixteen digits or more.

    Most documents hold no sixteen digits behind such a sign; only the others are looked at closely.
    """
    return _FORM_OF_A_LONG_NUMBER in data.translate(_AS_FORM) and _LONG_NUMBER.search(data) is not None


def _canonical(data: bytes, value: dict[str, Any]) -> bool:
    """The fast way: decode, encode sorted, compare. Long numbers may be beyond 2**53: the slow, exact way."""
    if may_hold_a_long_number(data):
        return is_canonical(data)
    return msgspec.json.encode(value, order="sorted") == data
