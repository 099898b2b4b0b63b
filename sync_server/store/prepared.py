"""Statements of the hot path, compiled once: the driver gets text and values, and gives tuples back.

SQLAlchemy builds, keys and wraps a statement anew at each use, ten times what the database needs for it
(docs/adr/0027). A `Prepared` is written with SQLAlchemy all the same and compiled by it for each database, so
there is one schema and one spelling. Values go to the driver as they are and come back so: text, integers and
bytes, which is all that our tables hold.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Dialect, Executable, Integer, LargeBinary, String
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.elements import ClauseElement

from sync_server.store.engine import Txn

LIST_MAX = 512
"""The most values of one list parameter."""
_PLAIN = (Integer, String, LargeBinary)
_Sizes = tuple[tuple[str, int], ...]


class _Text:
    """One statement as one driver takes it, for lists of certain lengths."""

    def __init__(self, statement: ClauseElement, dialect: Dialect, sizes: _Sizes) -> None:
        compiled = statement.compile(dialect=dialect)
        assert isinstance(compiled, SQLCompiler)
        odd = [name for name, bound in compiled.binds.items() if not isinstance(bound.type, _PLAIN)]
        assert not odd, f"a value would have to be converted: {odd}"
        given: dict[str, Any] = dict(compiled.params) | {name: [""] * size for name, size in sizes}
        state = compiled.construct_expanded_state(given)
        self.text = state.statement
        self._defaults = dict(state.parameters)
        self._lists = [(name, state.parameter_expansion[name]) for name, _ in sizes]
        self._order = state.positiontup

    def values(self, given: dict[str, Any]) -> Any:
        """The parameters in the driver's own form."""
        found = self._defaults | given
        for name, parts in self._lists:
            values = given[name]
            for place, part in enumerate(parts):  # the last one again: no key is found twice
                found[part] = values[place] if place < len(values) else values[-1]
        if self._order is None:
            return {name: found[name] for name in self._defaults}
        return [found[name] for name in self._order]


class Prepared:
    """A statement with `bindparam`s; one for a list is `bindparam(name, expanding=True)`.

    Lists are filled up to the next power of two with their last value, so that few texts are ever made.
    """

    def __init__(self, statement: Executable) -> None:
        assert isinstance(statement, ClauseElement)
        self._statement = statement
        self._texts: dict[tuple[str, _Sizes], _Text] = {}

    def rows(self, txn: Txn, **given: Any) -> list[tuple[Any, ...]]:
        """Runs it; every row. No list may be empty or longer than LIST_MAX."""
        text = self._text(txn, given)
        cursor = txn.connection.connection.cursor()
        try:
            cursor.execute(text.text, text.values(given))
            return [] if cursor.description is None else list(cursor.fetchall())
        finally:
            cursor.close()

    def value(self, txn: Txn, **given: Any) -> Any:
        """The first column of the first row; None when there is none."""
        found = self.rows(txn, **given)
        return found[0][0] if found else None

    def _text(self, txn: Txn, given: dict[str, Any]) -> _Text:
        sizes = tuple((name, _size(value)) for name, value in given.items() if isinstance(value, list))
        key = (txn.engine.dialect, sizes)
        known = self._texts.get(key)
        if known is None:
            known = self._texts[key] = _Text(self._statement, txn.connection.dialect, sizes)
        return known


def parts(values: Sequence[str]) -> list[list[str]]:
    """The same in lists that a `Prepared` takes."""
    return [list(values[start : start + LIST_MAX]) for start in range(0, len(values), LIST_MAX)]


def _size(values: Sequence[Any]) -> int:
    assert 0 < len(values) <= LIST_MAX
    return 1 << (len(values) - 1).bit_length()
