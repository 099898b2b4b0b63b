"""`verify-audit`: is a signed audit file as head office exported it. Needs no data folder."""

from __future__ import annotations

import base64
import binascii
from pathlib import Path
from typing import Annotated

import typer

from pos_core.errors import TidemarkError
from sync_server.commands.app import JsonOption, app, tell
from sync_server.services.console.audit_trail import BadAuditFile, checked_audit_file

KEY_BYTES = 32


@app.command(name="verify-audit")
def verify_audit(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="What the console exported.")],
    key: Annotated[
        str, typer.Option(help="Head office's public key (base64), written down when the chain was founded.")
    ] = "",
    json_: JsonOption = False,
) -> None:
    """Check rows and seal of an audit export; exit status 2 when it was changed."""
    try:
        with file.open("rb") as lines:
            seal = checked_audit_file(iter(lines), _key(key))
    except TidemarkError as error:
        tell({"ok": False, **error.as_dict()}, as_json=json_, text=f"{error.code}: {error.message}")
        raise typer.Exit(2) from None
    whose = "" if key else " Give --key to see that head office sealed it."
    text = f"{seal['rows']} rows, as sealed with {seal['public_key']}.{whose}"
    tell({"ok": True, "key_given": bool(key), **seal}, as_json=json_, text=text)


def _key(text: str) -> bytes | None:
    if not text:
        return None
    try:
        found = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        found = b""
    if len(found) != KEY_BYTES:
        raise BadAuditFile("--key is not the base64 of 32 bytes", why="bad_key")
    return found
