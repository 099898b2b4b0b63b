"""A document as a type that the decoder's own machinery checks, and the canonical bytes of many at once."""

from __future__ import annotations

from functools import reduce
from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta

from pos_core.canonical import INTEGER_MAX
from pos_core.sync.envelope import ID_MAX

_DEEP: Final = 12
"""No document of ours is nested so deeply."""
_Whole = Annotated[int, Meta(ge=-INTEGER_MAX, le=INTEGER_MAX)]
_PLAIN: Final[Any] = None | bool | _Whole | str
_Id = Annotated[str, Meta(min_length=1, max_length=ID_MAX)]


def _around(inner: Any, _: int) -> Any:
    return _PLAIN | list[inner] | dict[str, inner]


_Value: Any = reduce(_around, range(_DEEP), _PLAIN)
"""What may stand in a body: any JSON whose integers lie within 2**53, so deep at most."""


class TypedRelease(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    """`release` of a document."""

    manifest_sha256: str
    version: Annotated[int, Meta(ge=0, le=INTEGER_MAX)]


class TypedDocument(msgspec.Struct, forbid_unknown_fields=True, gc=False):
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
    release: TypedRelease | None
    shift_id: _Id | None
    store_id: _Id
    type: str
    v: int
    workstation_id: _Id


_as_dict: Final = msgspec.structs.asdict
encode_lines: Final = msgspec.json.Encoder(order="sorted").encode_lines
"""The canonical bytes of documents, each with a line feed behind it: inside of one there is none."""


def as_value(document: TypedDocument) -> dict[str, Any]:
    """As a plain dictionary: what an untyped decoder makes of its bytes."""
    value = _as_dict(document)
    if document.release is not None:
        value["release"] = _as_dict(document.release)
    return value


def as_typed(value: dict[str, Any] | None) -> TypedDocument:
    """The other way round, of a document that may be applied."""
    assert value is not None
    known = {name: value[name] for name in TypedDocument.__struct_fields__}
    if known["release"] is not None:
        known["release"] = TypedRelease(**known["release"])
    return TypedDocument(**known)
