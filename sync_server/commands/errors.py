"""`errors`: the table of error codes, as checked in at docs/errors.md."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sync_server.commands.app import app
from sync_server.services.error_table import error_table


@app.command()
def errors(
    to: Annotated[Path | None, typer.Option(help="File to write; standard output when not given.")] = None,
) -> None:
    """Print the table of error codes."""
    if to is None:
        print(error_table(), end="")
    else:
        to.write_text(error_table(), encoding="utf-8")
