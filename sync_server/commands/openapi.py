"""`openapi`: the interface document, as served at /openapi.json and checked in at docs/openapi.json."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from sync_server.commands.app import app


@app.command()
def openapi(
    to: Annotated[Path | None, typer.Option(help="File to write; standard output when not given.")] = None,
) -> None:
    """Print the OpenAPI document; needs no data folder."""
    from sync_server.http.app import interface_document

    text = json.dumps(interface_document(), indent=2, ensure_ascii=False, sort_keys=True) + "\n"
    if to is None:
        print(text, end="")
    else:
        to.write_text(text, encoding="utf-8")
