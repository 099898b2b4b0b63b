"""`snapshot`: build the file that new workstations start from, now."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pos_core.errors import Trouble
from sync_server.commands.app import DatabaseOption, DataOption, JsonOption, app, head_office, screen, tell


class CopyFailed(Trouble):
    """The folder for the file server cannot be written."""

    code = "snapshot_not_copied"


@app.command()
def snapshot(
    data: DataOption,
    copy_to: Annotated[
        Path | None,
        typer.Option("--copy-to", help="Folder of a file server or CDN: only copy the newest there."),
    ] = None,
    database: DatabaseOption = None,
    json_: JsonOption = False,
) -> None:
    """Build the chain's snapshot; a serving head office does it by itself when the last one is too old.

    With --copy-to nothing is built unless there is none: run it by a timer where policy `snapshot_urls`
    is set.
    """
    with head_office(data, database, as_json=json_) as office:
        row = office.snapshots.newest() if copy_to is not None else None
        if row is None:
            with screen().status("Building …"):
                row = office.snapshots.build()
        if copy_to is not None:
            try:
                office.snapshots.copy_to(copy_to, row)
            except OSError as error:
                raise CopyFailed(f"{copy_to}: {error.strerror}") from None
        tell(
            {"ok": True, "sequence": row.sequence, "sha256": row.sha256, "length": row.length},
            as_json=json_,
            text=f"Snapshot at sequence {row.sequence}: {row.length} bytes.",
        )
