"""Values of which an answer has hundreds: checked to be unchangeable by the type checker, not at run time.

A frozen dataclass sets each field through a call; that alone was a seventh of pricing a small basket. Those
that come by the dozen are rows: to find the fields by their names takes longer than to set them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeVar, dataclass_transform

T = TypeVar("T")


@dataclass_transform(frozen_default=True, kw_only_default=True)
def record(cls: type[T]) -> type[T]:
    """A dataclass with slots, by keyword, equal and hashed by value. Nobody may change one: mypy says so."""
    return dataclass(slots=True, kw_only=True, unsafe_hash=True)(cls)


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def row(cls: type[T]) -> type[T]:
    """A `record` whose fields may also be given in their order."""
    return dataclass(slots=True, unsafe_hash=True)(cls)
