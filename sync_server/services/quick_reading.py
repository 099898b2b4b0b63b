"""A batch of documents read the quick way: what is surely right needs no second look.

Nearly every document that comes is right in everything. `QuickReader` asks only whether this one is: one
typed decoding, one encoding that must give the same bytes, the header's few rules, the body's shape and sums.
A yes is what `receive`, `check_header` and `check_body` would have said, and spares them. At anything else
the document goes their way, so that what is refused is refused there, in their words.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Final

import msgspec

from pos_core.cash.shift import is_business_day
from pos_core.sync.document import DOCUMENT_VERSION, Series, document_hashes
from pos_core.sync.envelope import check_body, check_sums
from pos_core.sync.shape import is_hash
from sync_server.services.body_types import have_shape
from sync_server.services.received import Received, receive
from sync_server.services.typed_document import TypedDocument, encode_lines

_HEX_AS_ZERO: Final = bytes.maketrans(b"123456789abcdef", b"0" * 15)
_HYBRID_TIME: Final = b"000000000000-0000"
_UUID: Final = b"00000000-0000-0000-0000-000000000000"
_is_day: Final = lru_cache(1024)(is_business_day)


_decode: Final = msgspec.json.Decoder(TypedDocument).decode


class QuickReader:
    """Reads batches of one series that are to be applied for one store."""

    def __init__(self, own: Series, store_id: str) -> None:
        self._place = (DOCUMENT_VERSION, own.workstation_id, own.incarnation, store_id)

    def read(
        self,
        batch: list[bytes],
        first_number: int,
        typed: list[TypedDocument] | None = None,
    ) -> list[Received]:
        """Each at its number, hashed and decoded; never raises for what the bytes hold.

        `typed`: the batch decoded, where these are surely its canonical bytes (`push_message`).
        """
        found = self._right(batch, first_number, typed)
        if found is not None:
            return found
        found = []
        for number, data in enumerate(batch, first_number):
            found += self._right([data], number, None) or [receive(data, number)]
        return found

    def _right(
        self, batch: list[bytes], first_number: int, typed: list[TypedDocument] | None
    ) -> list[Received] | None:
        """The documents when everything about all of them is right, else None: each is then asked about.

        Column by column: what is asked of a thousand documents is asked at once.
        """
        documents = typed or _typed(batch)
        if documents is None:
            return None
        hashes = document_hashes(batch)
        before = [each.prev_hash for each in documents]
        if (
            not self._are_headers_right(documents, first_number)
            or before[1:] != hashes[:-1]
            or not _are_bodies_right(documents)
        ):
            return None
        numbers = range(first_number, first_number + len(batch))
        return list(map(Received, numbers, batch, hashes, before, documents))

    def _are_headers_right(self, documents: Sequence[TypedDocument], first_number: int) -> bool:
        """What the types do not say of them; of hashes before them only the first one's is asked here."""
        alike = {
            (
                each.v,
                each.workstation_id,
                each.incarnation,
                each.store_id,
                each.business_day,
                each.operator_id,
                each.shift_id,
            )
            for each in documents
        }
        return (
            all(each[:4] == self._place and _is_right(*each[4:]) for each in alike)
            and [each.number for each in documents]
            == list(range(first_number, first_number + len(documents)))
            and all(is_hash(each.prev_hash) for each in documents[:1])
            and _are_all_like(_UUID, [each.document_id for each in documents])
            and _are_all_like(_HYBRID_TIME, [each.hlc for each in documents])
            and all(is_hash(each.release.manifest_sha256) for each in documents if each.release is not None)
        )


def _is_right(day: str, operator_id: str | None, shift_id: str | None) -> bool:
    """What nearly all documents of a batch have in common. PostgreSQL has no text with a NUL."""
    return _is_day(day) and "\0" not in f"{operator_id}{shift_id}"


def _typed(batch: list[bytes]) -> list[TypedDocument] | None:
    """The batch decoded, each by itself, so each is one value of JSON; None unless canonical."""
    try:
        documents = [_decode(data) for data in batch]
        whole = b"\n".join([*batch, b""])
        return documents if encode_lines(documents) == whole else None
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None


def _are_all_like(form: bytes, texts: Sequence[str]) -> bool:
    """Whether each text is `form` with a lower-case hexadecimal digit for each 0."""
    whole = "\n".join(texts).encode("utf-8", "replace")
    return whole.translate(_HEX_AS_ZERO) == b"\n".join([form] * len(texts))


def _are_bodies_right(documents: Sequence[TypedDocument]) -> bool:
    by_type: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for each in documents:
        by_type[each.type].append(each.body)
    try:
        for document_type, bodies in by_type.items():
            check = check_sums if have_shape(document_type, bodies) else check_body
            for body in bodies:
                check(document_type, body)
    except Exception:  # a refusal, or a crash of a check: the careful way's to name
        return False
    return True
