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
from pos_core.clock import parse_hybrid_time
from pos_core.sync.document import DOCUMENT_TYPES, DOCUMENT_VERSION, document_hash

_TYPES: Final = frozenset(DOCUMENT_TYPES)
_LONG_NUMBER: Final = re.compile(rb"\d{16}")
_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d\Z")


class ReleaseNamed(msgspec.Struct, frozen=True):
    """The release that a document was priced with."""

    version: int
    manifest_sha256: str


class DocumentHeader(msgspec.Struct, frozen=True, forbid_unknown_fields=False):
    """The top-level members of a document (docs/documents.md)."""

    v: int
    type: str
    workstation_id: str
    incarnation: int
    number: int
    document_id: str
    store_id: str
    occurred_at_ms: int
    hlc: str
    business_day: str
    operator_id: str | None
    shift_id: str | None
    release: ReleaseNamed | None
    prev_hash: str
    body: dict[str, Any]


class NotApplicable(Exception):
    """Why a document cannot be applied: a stable reason and a sentence without personal data."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(reason, detail)
        self.reason = reason
        self.detail = detail


@dataclass(slots=True)
class Received:
    """A document at its place in a batch. `trouble` says why it must go to quarantine, if it must."""

    number: int
    data: bytes
    hash: str
    value: dict[str, Any] | None
    trouble: NotApplicable | None

    @property
    def prev_hash(self) -> str | None:
        """What the document says comes before it; None when the bytes do not say."""
        found = None if self.value is None else self.value.get("prev_hash")
        return found if isinstance(found, str) else None


def _no_floats(text: str) -> Any:
    raise ValueError(f"{text} is not an integer")


_decoder = msgspec.json.Decoder(dict[str, Any], float_hook=_no_floats)


def receive(data: bytes, number: int) -> Received:
    """Hashes and decodes one document; never raises for what the bytes hold."""
    digest = document_hash(data)
    try:
        value = _decoder.decode(data)
        trouble = (
            None if _canonical(data, value) else NotApplicable("not_canonical", "not the canonical bytes")
        )
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        return Received(number, data, digest, None, NotApplicable("bad_document", str(error)[:200]))
    return Received(number, data, digest, value, trouble)


def _canonical(data: bytes, value: dict[str, Any]) -> bool:
    """The fast way: decode, encode sorted, compare. Long numbers may be beyond 2**53: the slow, exact way."""
    if _LONG_NUMBER.search(data) is not None:
        return is_canonical(data)
    return msgspec.json.encode(value, order="sorted") == data


def check_header(
    value: dict[str, Any], *, workstation_id: str, incarnation: int, number: int, store_id: str
) -> None:
    """Raises NotApplicable when the header is malformed or belongs to another place."""
    try:
        header = msgspec.convert(value, DocumentHeader)
    except msgspec.ValidationError as error:
        raise NotApplicable("bad_header", str(error)[:200]) from None
    if header.v != DOCUMENT_VERSION:
        raise NotApplicable("unknown_version", f"version {header.v}")
    if header.type not in _TYPES:
        raise NotApplicable("unknown_type", header.type[:40])
    if (header.workstation_id, header.incarnation, header.number) != (workstation_id, incarnation, number):
        raise NotApplicable("wrong_series", "the header names another series or number")
    if header.store_id != store_id:
        raise NotApplicable("wrong_store", "the header names another store")
    try:
        parse_hybrid_time(header.hlc)
    except ValueError:
        raise NotApplicable("bad_header", "hlc") from None
    if not _DAY.match(header.business_day):
        raise NotApplicable("bad_header", "business_day")
