"""The root of the command line: `python -m sync_server COMMAND`."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from pos_core.errors import TidemarkError
from sync_server.bootstrap import open_head_office
from sync_server.head_office import HeadOffice

app = typer.Typer(
    name="tidemark-server",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Tidemark head office: takes the chain's sales, hands out items, prices and releases.",
)


@app.callback()
def root() -> None:
    """Makes typer keep command names, however many there are."""


DataOption = Annotated[
    Path, typer.Option("--data", envvar="TIDEMARK_SERVER_DATA", help="Data folder of the chain.")
]
DatabaseOption = Annotated[
    str | None,
    typer.Option("--database", envvar="TIDEMARK_DATABASE_URL", help="Database URL; default: embedded file."),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Machine-readable output: one JSON document.")]


def screen(*, out: bool = False) -> Console:
    """For people: standard error, so that standard output stays machine-readable; `out` for a listing."""
    return Console(stderr=not out)


def tell(value: Any, *, as_json: bool, text: str) -> None:
    """The outcome on standard output: `value` as JSON, or `text`."""
    print(json.dumps(value, ensure_ascii=False) if as_json else text)


@contextmanager
def errors_told(*, as_json: bool = False) -> Iterator[None]:
    """Turns an expected error into one line (or one JSON document) and exit status 1."""
    try:
        yield
    except TidemarkError as error:
        if as_json:
            print(json.dumps({"ok": False, "error": error.as_dict()}, ensure_ascii=False))
        else:
            print(f"{error.code}: {error.message}", file=sys.stderr)
        raise typer.Exit(1) from None


@contextmanager
def head_office(data: Path, database: str | None = None, *, as_json: bool = False) -> Iterator[HeadOffice]:
    """The opened chain for the length of a command; expected errors end it politely."""
    with errors_told(as_json=as_json):
        office = open_head_office(data, database_url=database)
        try:
            yield office
        finally:
            office.close()
