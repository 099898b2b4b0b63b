"""`export`: a c_* view of the journal or the replica as JSON lines or CSV. Reads beside a working program."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

from pos_client.commands.common import Steps, add_command, open_journal_places
from pos_client.journal import opening
from pos_client.replica import file_key, schema
from pos_client.storage import export
from pos_client.storage.connection import Connection
from pos_client.storage.database import open_database
from pos_core.errors import InvalidInput


class UnknownView(InvalidInput):
    """There is no such view; `facts["known"]` lists them."""

    code = "unknown_view"


def register(subparsers: Any) -> None:
    """Adds the command to what `add_subparsers` returned."""
    parser = add_command(subparsers, "export", "write a c_* view as JSON lines or CSV", _export)
    parser.add_argument("view", nargs="?", help="a c_* view; without it the views are listed")
    parser.add_argument("--format", choices=export.FORMATS, default="jsonl")
    parser.add_argument("--out", type=Path, help="file to write (default: standard output)")


def _export(arguments: argparse.Namespace) -> int:
    with _files(arguments) as files:
        found = {view: connection for connection in files for view in export.views(connection)}
        if arguments.view is None:
            print("\n".join(sorted(found)))
            return 0
        connection = found.get(arguments.view)
        if connection is None:
            known = sorted(found)
            raise UnknownView(
                f"there is no view {arguments.view}; known are {', '.join(known)}", known=" ".join(known)
            )
        out = (
            nullcontext(sys.stdout)
            if arguments.out is None
            else arguments.out.open("w", encoding="utf-8", newline="")
        )
        connection.execute("BEGIN")
        with out as stream, Steps(f"Writing {arguments.view}", arguments) as progress:
            export.export_view(connection, arguments.view, stream, form=arguments.format, progress=progress)
        connection.execute("COMMIT")
    return 0


@contextmanager
def _files(arguments: argparse.Namespace) -> Iterator[list[Connection]]:
    """Reading connections to the journal and, once there is one, to the replica."""
    places, keys, key = open_journal_places(arguments)
    files = [open_database(places.journal, key, application_id=opening.APPLICATION_ID, read_only=True)]
    try:
        if places.replica.exists():
            files.append(schema.open_reader(places.replica, file_key.reading_key(places.replica, keys)))
        yield files
    finally:
        for connection in files:
            connection.close()
