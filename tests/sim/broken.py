"""A promise that does not hold."""

from __future__ import annotations

from typing import Any


class Broken(AssertionError):
    """Its text begins with the promise's name."""


def require(holds: object, promise: str, *facts: Any) -> None:
    """Raises Broken."""
    if not holds:
        raise Broken(" ".join([promise, *map(str, facts)]))
