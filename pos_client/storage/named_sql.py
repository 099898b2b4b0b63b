"""SQL lies in `.sql` files beside the module that runs it; here they are read and cut into statements."""

from __future__ import annotations

from importlib.resources import files
from importlib.resources.abc import Traversable

from sqlcipher3 import dbapi2 as sqlcipher

_NAME = "-- name:"


def load_queries(package: str, name: str) -> dict[str, str]:
    """The named statements of `<package>/queries/<name>.sql`, each under its `-- name: …` line.

    >>> load_queries("pos_client.journal", "document")["insert_document"]  # doctest: +SKIP
    """
    text = (files(package) / "queries" / f"{name}.sql").read_text(encoding="utf-8")
    queries: dict[str, str] = {}
    for part in text.split(_NAME)[1:]:
        title, _, body = part.partition("\n")
        assert title.strip() not in queries, f"{name}.sql names {title.strip()} twice"
        queries[title.strip()] = body.strip().rstrip(";")
    return queries


def split_statements(text: str) -> list[str]:
    """The statements of an SQL script, in order, as SQLite itself would cut them."""
    statements, pending = [], ""
    *pieces, rest = text.split(";")
    for piece in pieces:
        pending += piece + ";"
        if sqlcipher.complete_statement(pending):
            statements.append(pending.strip())
            pending = ""
    pending += rest
    assert not _without_comments(pending), f"unfinished statement: {pending[:80]}"
    return statements


def _without_comments(text: str) -> str:
    return "".join(line.partition("--")[0] for line in text.splitlines()).strip()


def schema_files(package: str, folder: str = "schema") -> list[Traversable]:
    """The numbered files of `<package>/<folder>/`, in order: `0001_documents.sql`, `0002_…`."""
    found = [entry for entry in (files(package) / folder).iterdir() if entry.name.endswith(".sql")]
    return sorted(found, key=lambda entry: entry.name)
