"""Dataclass ⇄ plain data, driven by the types: tuples are lists, None is absent, a union is told by `kind`.

`decode` trusts its input: hand it only data that `validate.problems_in` found nothing in.
"""

from __future__ import annotations

import types
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from functools import cache
from typing import Annotated, Any, Literal, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from pos_core.canonical import canonical_bytes

T = TypeVar("T")
_Decoder = Callable[[Any], Any]


def encode(value: Any) -> Any:
    """Dicts, lists, strings, integers and booleans only; fields that are None are left out."""
    if is_dataclass(value):
        cls: Any = type(value)
        data = {}
        for name in _names(cls):
            item = getattr(value, name)
            if item is not None:
                data[name] = encode(item)
        return data
    if isinstance(value, tuple):
        return [encode(item) for item in value]
    return value


def encode_bytes(value: Any) -> bytes:
    """The canonical JSON bytes of a rule, basket or result. Raises NotCanonical for integers beyond 2**53."""
    return canonical_bytes(encode(value))


def decode(kind: type[T], data: Any) -> T:
    """`data`, already validated against the schema of `kind`, as that dataclass."""
    hint: Any = kind
    return cast(T, _decoder(hint)(data))


def union_members(hint: Any) -> tuple[Any, ...]:
    """The members of a union without None; a single type is a union of one."""
    if get_origin(hint) in (Union, types.UnionType):
        return tuple(arm for arm in get_args(hint) if arm is not type(None))
    return (hint,)


def kind_of(cls: Any) -> str:
    """The value of `kind` that marks a member of a tagged union."""
    return cast(str, get_args(hints_of(cls)["kind"])[0])


@cache
def hints_of(cls: Any) -> dict[str, Any]:
    """The resolved types of a dataclass's fields, metadata kept, in field order."""
    hints = get_type_hints(cls, include_extras=True)
    return {name: hints[name] for name in _names(cls)}


@cache
def _names(cls: Any) -> tuple[str, ...]:
    return tuple(item.name for item in fields(cls))


@cache
def _decoder(hint: Any) -> _Decoder:
    if get_origin(hint) is Annotated:
        return _decoder(get_args(hint)[0])
    arms = union_members(hint)
    if len(arms) > 1:
        return _union_decoder(arms)
    hint = arms[0]
    if get_origin(hint) is Annotated:
        return _decoder(get_args(hint)[0])
    if get_origin(hint) is tuple:
        inner = _decoder(get_args(hint)[0])
        return lambda data: tuple([inner(item) for item in data])
    if isinstance(hint, type) and is_dataclass(hint):
        return _dataclass_decoder(hint)
    assert hint in (int, str, bool) or get_origin(hint) is Literal, hint
    return lambda data: data


def _dataclass_decoder(cls: Any) -> _Decoder:
    # Resolved on first use, not now: a type may lie inside itself.
    decoders: dict[str, _Decoder] = {}

    def build(data: Any) -> Any:
        if not decoders:
            decoders.update({name: _decoder(hint) for name, hint in hints_of(cls).items()})
        return cls(**{name: decoders[name](item) for name, item in data.items()})

    return build


def _union_decoder(arms: tuple[Any, ...]) -> _Decoder:
    """A tagged union of dataclasses, or a name (Literal) instead of one dataclass."""
    classes: list[Any] = [arm for arm in arms if is_dataclass(arm)]
    if len(classes) == len(arms):
        by_kind = {kind_of(arm): _decoder(arm) for arm in arms}
        return lambda data: by_kind[data["kind"]](data)
    (only,) = classes
    inner: _Decoder = _decoder(only)
    return lambda data: data if isinstance(data, str) else inner(data)
