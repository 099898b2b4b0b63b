"""The shape of an `sqlcipher3` connection, for the type checker: the wheel ships no stubs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Protocol

Parameters = Sequence[Any] | Mapping[str, Any]


class Cursor(Protocol):
    """What `execute` returns: rows are tuples."""

    rowcount: int
    lastrowid: int | None

    def fetchone(self) -> Any: ...
    def fetchall(self) -> list[Any]: ...
    def fetchmany(self, size: int = ...) -> list[Any]: ...
    def __iter__(self) -> Iterator[Any]: ...


class Connection(Protocol):
    """An open database. Belongs to one thread at a time; sqlcipher3 states thread safety level 1."""

    in_transaction: bool
    total_changes: int

    def execute(self, sql: str, parameters: Parameters = ..., /) -> Cursor: ...
    def executemany(self, sql: str, rows: Iterable[Parameters], /) -> Cursor: ...
    def backup(self, target: Connection, *, pages: int = ..., progress: Any = ...) -> None: ...
    def create_function(self, name: str, narg: int, func: Callable[..., Any] | None) -> None: ...
    def interrupt(self) -> None: ...
    def close(self) -> None: ...
