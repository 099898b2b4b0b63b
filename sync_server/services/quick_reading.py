"""A batch of documents read the quick way: what is surely right needs no second look.

Nearly every document that comes is right in everything. `QuickReader` asks only whether this one is: one
typed decoding, one encoding that must give the same bytes, the header's few rules, the body's shape and sums.
A yes is what `receive`, `check_header` and `check_body` would have said, and spares them. At anything else
the document goes their way, so that what is refused is refused there, in their words.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache, reduce
from itertools import repeat
from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta

from pos_core.canonical import INTEGER_MAX
from pos_core.cash.shift import is_business_day
from pos_core.sync.document import DOCUMENT_VERSION, Series, document_hashes
from pos_core.sync.envelope import ID_MAX, check_body, check_sums
from pos_core.sync.shape import is_hash
from sync_server.services.body_types import have_shape
from sync_server.services.received import Received, receive

_DEEP: Final = 12
"""No document of ours is nested so deeply."""
_Whole = Annotated[int, Meta(ge=-INTEGER_MAX, le=INTEGER_MAX)]
_PLAIN: Final[Any] = None | bool | _Whole | str
_Id = Annotated[str, Meta(min_length=1, max_length=ID_MAX)]
_NUL: Final = b"\\u0000"
_HEX_AS_ZERO: Final = bytes.maketrans(b"123456789abcdef", b"0" * 15)
_HYBRID_TIME: Final = b"000000000000-0000"
_UUID: Final = b"00000000-0000-0000-0000-000000000000"
_is_day: Final = lru_cache(1024)(is_business_day)


def _around(inner: Any, _: int) -> Any:
    return _PLAIN | list[inner] | dict[str, inner]


_Value: Any = reduce(_around, range(_DEEP), _PLAIN)
"""What may stand in a body: any JSON whose integers lie within 2**53, so deep at most."""


class _Release(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    manifest_sha256: str
    version: Annotated[int, Meta(ge=0, le=INTEGER_MAX)]


class _Document(msgspec.Struct, forbid_unknown_fields=True):
    """Exactly the fields of a document, in the order of its canonical bytes."""

    body: dict[str, _Value]
    business_day: str
    document_id: str
    hlc: str
    incarnation: int
    number: int
    occurred_at_ms: _Whole
    operator_id: _Id | None
    prev_hash: str
    release: _Release | None
    shift_id: _Id | None
    store_id: _Id
    type: str
    v: int
    workstation_id: _Id


_decode: Final = msgspec.json.Decoder(_Document).decode
_encode_lines: Final = msgspec.json.Encoder(order="sorted").encode_lines
_as_dict: Final = msgspec.structs.asdict


class QuickReader:
    """Reads batches of one series that are to be applied for one store."""

    def __init__(self, own: Series, store_id: str) -> None:
        self._place = (DOCUMENT_VERSION, own.workstation_id, own.incarnation, store_id)

    def read(self, documents: Iterable[bytes | msgspec.Raw], first_number: int) -> list[Received]:
        """Each at its number, hashed and decoded; never raises for what the bytes hold."""
        batch = list(map(bytes, documents))
        found = self._right(batch, first_number)
        if found is not None:
            return found
        found = []
        for number, data in enumerate(batch, first_number):
            found += self._right([data], number) or [receive(data, number)]
        return found

    def _right(self, batch: list[bytes], first_number: int) -> list[Received] | None:
        """The documents when everything about all of them is right, else None: each is then asked about.

        Column by column: what is asked of a thousand documents is asked at once.
        """
        whole = b"\n".join([*batch, b""])
        try:
            documents = [_decode(data) for data in batch]  # each by itself: so each is one value of JSON
            is_canonical = _encode_lines(documents) == whole
        except (msgspec.MsgspecError, ValueError, RecursionError):
            return None
        if not is_canonical or _NUL in whole:
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
        each_right: Iterator[Received] = map(
            Received, numbers, batch, hashes, _values(documents), repeat(None), before, repeat(True)
        )
        return list(each_right)

    def _are_headers_right(self, documents: Sequence[_Document], first_number: int) -> bool:
        """What the types do not say of them; of hashes before them only the first one's is asked here."""
        return (
            {(each.v, each.workstation_id, each.incarnation, each.store_id) for each in documents}
            <= {self._place}
            and [each.number for each in documents]
            == list(range(first_number, first_number + len(documents)))
            and all(is_hash(each.prev_hash) for each in documents[:1])
            and _are_all_like(_UUID, [each.document_id for each in documents])
            and _are_all_like(_HYBRID_TIME, [each.hlc for each in documents])
            and all(map(_is_day, {each.business_day for each in documents}))
            and all(is_hash(each.release.manifest_sha256) for each in documents if each.release is not None)
        )


def _are_all_like(form: bytes, texts: Sequence[str]) -> bool:
    """Whether each text is `form` with a lower-case hexadecimal digit for each 0."""
    whole = "\n".join(texts).encode("utf-8", "replace")
    return whole.translate(_HEX_AS_ZERO) == b"\n".join([form] * len(texts))


def _values(documents: Sequence[_Document]) -> list[dict[str, Any]]:
    """As plain dictionaries: what the careful way decodes."""
    values = list(map(_as_dict, documents))
    for value in values:
        if value["release"] is not None:
            value["release"] = _as_dict(value["release"])
    return values


def _are_bodies_right(documents: Sequence[_Document]) -> bool:
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
