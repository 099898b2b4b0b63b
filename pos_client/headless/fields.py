"""Reading a request: each field with its type, nothing left over."""

from __future__ import annotations

from typing import Any

from pos_core.errors import InvalidInput

TEXT_MAX = 4096
LIST_MAX = 2000
INTEGER_MAX = 2**53 - 1


class BadRequest(InvalidInput):
    """A field is missing, of another type or unknown; `facts["field"]` names it."""

    code = "bad_request"


class Fields:
    """The fields of one object. Call `end` when all were read: unknown fields are refused, so that a

    misspelt one cannot be overlooked.
    """

    def __init__(self, value: Any, path: str = "") -> None:
        if not isinstance(value, dict):
            raise BadRequest(f"{path or 'the request'} is not an object", field=path[:64])
        self._left = dict(value)
        self._path = path

    def text(self, name: str, default: str | None = None) -> str:
        """Text of at most 4096 characters."""
        value = self._take(name, default)
        if not _is_text(value):
            raise self._wrong(name, "a text")
        assert isinstance(value, str)
        return value

    def integer(self, name: str, default: int | None = None) -> int:
        """An integer within ±(2**53 − 1)."""
        value = self._take(name, default)
        if type(value) is not int or abs(value) > INTEGER_MAX:
            raise self._wrong(name, "an integer")
        return value

    def optional_integer(self, name: str) -> int | None:
        """An integer, null or absent."""
        return None if self._left.get(name) is None and self._drop(name) else self.integer(name)

    def optional_text(self, name: str) -> str | None:
        """A text, null or absent."""
        return None if self._left.get(name) is None and self._drop(name) else self.text(name)

    def flag(self, name: str, default: bool) -> bool:
        """true or false."""
        value = self._left.pop(name, default)
        if not isinstance(value, bool):
            raise self._wrong(name, "true or false")
        return value

    def items(self, name: str, default: list[Any] | None = None) -> list[Any]:
        """A list of at most 2000 values."""
        value = self._take(name, default)
        if not isinstance(value, list) or len(value) > LIST_MAX:
            raise self._wrong(name, "a list")
        return value

    def value(self, name: str) -> Any:
        """Whatever stands there, read further by `Fields`; None when absent."""
        return self._left.pop(name, None)

    def flags(self, name: str) -> dict[str, bool]:
        """An object of true and false; {} when absent."""
        value = self._left.pop(name, None) or {}
        if not isinstance(value, dict) or not all(
            _is_text(key) and isinstance(each, bool) for key, each in value.items()
        ):
            raise self._wrong(name, "an object of true and false")
        return value

    def end(self) -> None:
        """Refuses what was not read."""
        for name in self._left:
            raise BadRequest(f"unknown field {name[:64]!r}", field=self._full(name))

    def _take(self, name: str, default: Any) -> Any:
        if name not in self._left:
            if default is None:
                raise BadRequest(f"{self._full(name)} is missing", field=self._full(name))
            return default
        return self._left.pop(name)

    def _drop(self, name: str) -> bool:
        self._left.pop(name, None)
        return True

    def _wrong(self, name: str, expected: str) -> BadRequest:
        return BadRequest(f"{self._full(name)} must be {expected}", field=self._full(name))

    def _full(self, name: str) -> str:
        return f"{self._path}.{name[:64]}" if self._path else name[:64]


def _is_text(value: object) -> bool:
    """Text that has bytes: a lone surrogate (JSON can write one) has none."""
    if not isinstance(value, str) or len(value) > TEXT_MAX:
        return False
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True
