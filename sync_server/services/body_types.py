"""The shapes of bodies (`pos_core.sync.body_shape`) as types that the decoder's own machinery checks.

A `Shape` is walked field by field in Python; the same rules as a type are checked in one call. Only a yes
counts: whatever a type refuses, or has no type for, is asked of `check_shape`, whose words a refusal has.
"""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from pos_core.canonical import INTEGER_MAX
from pos_core.quantity import QUANTITY_MILLI_MAX
from pos_core.sync import shape
from pos_core.sync.body_shape import SHAPES
from pos_core.sync.shape import LIST_MAX, TEXT_MAX, Check, OneOf, Shape


def _list_of(inner: Any) -> Any:
    return Annotated[list[inner], Meta(max_length=LIST_MAX)]


_TEXT: Final = Annotated[str, Meta(max_length=TEXT_MAX)]
_NAME: Final = Annotated[str, Meta(min_length=1, max_length=TEXT_MAX)]
_NATURAL: Final = Annotated[int, Meta(ge=0, le=INTEGER_MAX)]
_POSITIVE: Final = Annotated[int, Meta(ge=1, le=INTEGER_MAX)]
_TYPES: Final[dict[Check, Any]] = {
    shape.text: _TEXT,
    shape.name: _NAME,
    shape.text_or_none: _TEXT | None,
    shape.whole: Annotated[int, Meta(ge=-INTEGER_MAX, le=INTEGER_MAX)],
    shape.natural: _NATURAL,
    shape.positive: _POSITIVE,
    shape.natural_or_none: _NATURAL | None,
    shape.positive_or_none: _POSITIVE | None,
    shape.quantity: Annotated[int, Meta(ge=0, le=QUANTITY_MILLI_MAX)],
    shape.signed_quantity: Annotated[int, Meta(ge=-QUANTITY_MILLI_MAX, le=QUANTITY_MILLI_MAX)],
    shape.gtin: Annotated[str, Meta(pattern=r"^[0-9]{14}\Z")] | None,
    shape.hybrid_time: Annotated[str, Meta(pattern=r"^[0-9a-f]{12}-[0-9a-f]{4}\Z")],
    shape.rate: Annotated[int, Meta(ge=0, le=10_000_000)],
    shape.exponent: Annotated[int, Meta(ge=0, le=4)],
    shape.currency: Annotated[str, Meta(pattern=r"^[A-Z]{3}\Z")],
    shape.digest: Annotated[str, Meta(pattern=r"^[0-9a-f]{64}\Z")],
    shape.anything: Any,
    shape.whole_object: dict[str, Any],
    shape.object_or_none: dict[str, Any] | None,
    shape.flag: bool,
    shape.consents: dict[str, bool],
    shape.names: _list_of(_NAME),
    shape.blind_index: Annotated[str, Meta(min_length=32, max_length=200)] | None,
}


def _type_of(check: Check) -> Any:
    """The type of what a check takes; None where there is none."""
    if isinstance(check, OneOf):
        return Literal[tuple(sorted(check.words))]
    return _TYPES.get(check)


def _struct(of: Shape) -> Any:
    """A shape as a type; None where one of its checks has no type."""
    lists = {name: _list(each) for name, each in of.lists.items()}
    optional_lists = {name: _list(each) for name, each in of.optional_lists.items()}
    objects = {name: _or_none(_struct(each)) for name, each in of.objects.items()}
    must = {name: _type_of(check) for name, check in of.fields.items()} | lists | objects
    may = {name: _type_of(check) for name, check in of.optional.items()} | optional_lists
    if None in (*must.values(), *may.values()):
        return None
    names = {f"f{place}": name for place, name in enumerate((*must, *may))}
    fields: list[Any] = [
        (field, must[name]) if name in must else (field, may[name] | UnsetType, UNSET)
        for field, name in names.items()
    ]
    return msgspec.defstruct("Body", fields, rename=names, gc=False)


def _list(of: Shape) -> Any:
    inner = _struct(of)
    return None if inner is None else _list_of(inner)


def _or_none(inner: Any) -> Any:
    return None if inner is None else inner | None


BODY_TYPES: Final[dict[str, Any]] = {kind: _struct(each) for kind, each in SHAPES.items()}
"""By document type. None: this type's bodies are checked by `check_shape` alone."""


def _batch_of(inner: Any) -> Any:
    return list[inner]


_BATCH_TYPES: Final[dict[str, Any]] = {
    kind: _batch_of(each) for kind, each in BODY_TYPES.items() if each is not None
}


def have_shape(document_type: str, bodies: list[dict[str, Any]]) -> bool:
    """True when all bodies surely have the shape of their type; False says nothing."""
    found = _BATCH_TYPES.get(document_type)
    if found is None:
        return False
    try:
        msgspec.convert(bodies, found)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return False
    return True
