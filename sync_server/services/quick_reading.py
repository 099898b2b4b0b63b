"""A batch of documents read the quick way: what is surely right needs no second look.

Nearly every document that comes is right in everything. `QuickReader` asks only whether this one is: one
typed decoding, one encoding that must give the same bytes, the header's few rules, the body's shape and sums.
A yes is what `receive`, `check_header` and `check_body` would have said, and spares them. At anything else
the document goes their way, so that what is refused is refused there, in their words.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta

from pos_core.canonical import INTEGER_MAX
from pos_core.cash.shift import is_business_day
from pos_core.sync.document import DOCUMENT_VERSION, Series, document_hash
from pos_core.sync.envelope import ID_MAX, check_body, check_sums
from pos_core.sync.shape import is_hash
from sync_server.services.body_types import has_shape
from sync_server.services.received import Received, may_hold_a_long_number, no_floats, receive

_Id = Annotated[str, Meta(min_length=1, max_length=ID_MAX)]
_NUL: Final = b"\\u0000"
_is_hybrid_time: Final = re.compile("[0-9a-f]{12}-[0-9a-f]{4}").fullmatch
_is_uuid: Final = re.compile("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}").fullmatch
_is_day: Final = lru_cache(1024)(is_business_day)


class _Release(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    manifest_sha256: str
    version: Annotated[int, Meta(ge=0, le=INTEGER_MAX)]


class _Document(msgspec.Struct, forbid_unknown_fields=True):
    """Exactly the fields of a document, in the order of its canonical bytes."""

    body: dict[str, Any]
    business_day: str
    document_id: str
    hlc: str
    incarnation: int
    number: int
    occurred_at_ms: Annotated[int, Meta(ge=-INTEGER_MAX, le=INTEGER_MAX)]
    operator_id: _Id | None
    prev_hash: str
    release: _Release | None
    shift_id: _Id | None
    store_id: _Id
    type: str
    v: int
    workstation_id: _Id


_decode: Final = msgspec.json.Decoder(_Document, float_hook=no_floats).decode
_encode: Final = msgspec.json.Encoder(order="sorted").encode
_as_dict: Final = msgspec.structs.asdict


class QuickReader:
    """Reads batches of one series that are to be applied for one store."""

    def __init__(self, own: Series, store_id: str) -> None:
        self._place = (DOCUMENT_VERSION, own.workstation_id, own.incarnation, store_id)

    def read(self, documents: Iterable[bytes | msgspec.Raw], first_number: int) -> list[Received]:
        """Each at its number, hashed and decoded; never raises for what the bytes hold."""
        found: list[Received] = []
        before: str | None = None
        for number, raw in enumerate(documents, first_number):
            data = bytes(raw)
            one = self._right(data, number, before) or receive(data, number)
            found.append(one)
            before = one.hash
        return found

    def _right(self, data: bytes, number: int, before: str | None) -> Received | None:
        """The document when everything about it is right, else None. `before`: hash of the one before."""
        try:
            document = _decode(data)
            is_canonical = _encode(document) == data
        except (msgspec.MsgspecError, ValueError, RecursionError):
            return None
        place = (document.v, document.workstation_id, document.incarnation, document.store_id)
        if (
            place != self._place
            or document.number != number
            or not (document.prev_hash == before or is_hash(document.prev_hash))
            or not _is_uuid(document.document_id)
            or not _is_hybrid_time(document.hlc)
            or not _is_day(document.business_day)
            or not is_canonical
            or _NUL in data
            or may_hold_a_long_number(data)
        ):
            return None
        value = _as_dict(document)
        release = document.release
        if release is not None:
            if not is_hash(release.manifest_sha256):
                return None
            value["release"] = _as_dict(release)
        if not _body_is_right(document.type, document.body):
            return None
        return Received(number, data, document_hash(data), value, None, document.prev_hash, is_right=True)


def _body_is_right(document_type: str, body: dict[str, Any]) -> bool:
    try:
        if has_shape(document_type, body):
            check_sums(document_type, body)
        else:
            check_body(document_type, body)
    except Exception:  # a refusal, or a crash of a check: the careful way's to name
        return False
    return True
