"""Head office opens documents in words: every type, field and choice that a shape knows has its name.

The words stand in `resources/translations/console/documents.{zh,en}.json`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pos_core.sync.body_shape import SHAPES
from pos_core.sync.document import DOCUMENT_TYPES
from pos_core.sync.envelope import _KEYS
from pos_core.sync.shape import OneOf, Shape
from sync_server.console.words import sentences


def fields(shape: Shape) -> Iterator[tuple[str, Any]]:
    for checks in (shape.fields, shape.optional):
        yield from checks.items()
    for inner in (shape.lists, shape.optional_lists, shape.objects):
        for name, each in inner.items():
            yield name, None
            yield from fields(each)


def choices(check: Any) -> tuple[str, ...]:
    """What `one_of` was given; nothing of other checks."""
    return tuple(sorted(check.words)) if isinstance(check, OneOf) else ()


def test_every_field_and_choice_of_every_document_has_a_name() -> None:
    known = sentences("zh").keys()
    needed = {f"document.type.{name}" for name in DOCUMENT_TYPES}
    needed |= {f"document.field.{name}" for name in _KEYS}
    for shape in SHAPES.values():
        for name, check in fields(shape):
            needed.add(f"document.field.{name}")
            said = choices(check) if check is not None else ()
            needed |= {f"document.value.{name}.{each}" for each in said if each}
    assert {"document.value.entered.scan", "document.value.step.picked_up"} <= needed, "choices are seen"
    assert needed - known == set()
