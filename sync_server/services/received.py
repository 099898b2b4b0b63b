"""One received document: its bytes, its hash, and what its header says, decoded once.

The exact bytes are kept; decoding only looks. Bytes that are no document at all become a `Received`
without a header, and keep their place in the chain by their hash.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Final

import msgspec

from pos_core.canonical import is_canonical
from pos_core.sync.document import document_hash
from sync_server.services.typed_document import TypedDocument, as_typed, as_value

_LONG_NUMBER: Final = re.compile(rb"[:\[,]-?\d{16}")
_AS_FORM: Final = bytes.maketrans(b"123456789[,-", b"000000000:::")
_FORM_OF_A_LONG_NUMBER: Final = b":" + b"0" * 16


class NotApplicable(Exception):
    """Why a document cannot be applied: a stable reason and a sentence without personal data."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(reason, detail)
        self.reason = reason
        self.detail = detail


class Received(msgspec.Struct):
    """A document at its place in a batch.

    Attributes:
        prev_hash: what the document says comes before it; None when the bytes do not say.
        right: the document where it is canonical, and header and body were found right for the series, the
            store and the number that it is to be applied under (`quick_reading`): only its rows are left to
            be made. None: nobody has asked, or it is not surely so.
        trouble: why it must go to quarantine, if it must.
        decoded: `value`, once somebody has asked for it; of most documents nobody ever does.
    """

    number: int
    data: bytes
    hash: str
    prev_hash: str | None
    right: TypedDocument | None = None
    trouble: NotApplicable | None = None
    decoded: dict[str, Any] | None = None

    @property
    def value(self) -> dict[str, Any] | None:
        """The document as a plain dictionary; None: the bytes are none."""
        if self.decoded is None and self.right is not None:
            self.decoded = as_value(self.right)
        return self.decoded


def headers_of(documents: Iterable[Received]) -> list[TypedDocument]:
    """Each applicable document, typed."""
    return [one.right or as_typed(one.value) for one in documents]


def no_floats(text: str) -> Any:
    """A decoder's hook: documents hold integers alone."""
    raise ValueError(f"{text} is not an integer")


_decoder = msgspec.json.Decoder(dict[str, Any], float_hook=no_floats)


def receive(data: bytes, number: int) -> Received:
    """Hashes and decodes one document; never raises for what the bytes hold."""
    one = Received(number, data, document_hash(data), None)
    try:
        one.decoded = _decoder.decode(data)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        one.trouble = NotApplicable("bad_document", str(error)[:200])
        return one
    if not _canonical(data, one.decoded):
        one.trouble = NotApplicable("not_canonical", "not the canonical bytes")
    before = one.decoded.get("prev_hash")
    one.prev_hash = before if isinstance(before, str) else None
    return one


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
