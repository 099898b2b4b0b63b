"""JSON files of policies (`{key: value}`) and promotions (`{"promotions": […]}` or a list) as rows."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pos_core.canonical import NotCanonical, canonical_bytes, parse_strict
from sync_server.services.importing.problems import FileTooLarge, NotATable
from sync_server.services.importing.rows import RawRow

JSON_BYTES_MAX = 64 * 1024 * 1024


class JsonTable:
    """One JSON file; a row's `line` is its place in the list, the first being 1."""

    def __init__(self, path: Path, kind: str) -> None:
        if path.stat().st_size > JSON_BYTES_MAX:
            raise FileTooLarge("the file is too large", file=path.name, bytes_max=JSON_BYTES_MAX)
        try:
            value = parse_strict(path.read_bytes().removeprefix(b"\xef\xbb\xbf"))
        except (NotCanonical, RecursionError, ValueError) as error:
            raise NotATable(f"not JSON without floats and doubled keys: {error}", file=path.name) from None
        self.headings, self._cells = _cells(value, kind, path.name)

    def rows(self) -> Iterator[RawRow]:
        """One row an entry."""
        for number, cells in enumerate(self._cells, start=1):
            yield RawRow(number, list(cells))


def _cells(value: Any, kind: str, file: str) -> tuple[list[str], list[list[str]]]:
    if kind == "policies" and isinstance(value, dict):
        return ["policy_key", "value"], [[key, canonical_bytes(item).decode()] for key, item in value.items()]
    if kind == "promotions":
        entries = value.get("promotions") if isinstance(value, dict) else value
        if isinstance(entries, list):
            return ["promotion"], [[canonical_bytes(entry).decode()] for entry in entries]
    raise NotATable(f"JSON of another form than {kind} need", file=file)
