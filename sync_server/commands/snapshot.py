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
    store: Annotated[
        str | None,
        typer.Option("--store", help="Build one store's own file instead, whatever its size."),
    ] = None,
    database: DatabaseOption = None,
    json_: JsonOption = False,
) -> None:
    """Build the chain's snapshot, or a store's file; a serving head office does both by itself in time.

    With --copy-to nothing is built unless there is none: run it by a timer where policy `snapshot_urls`
    is set. A store's file holds its members and is served by head office alone.
    """
    if store is not None and copy_to is not None:
        raise typer.BadParameter("a store's file is copied nowhere", param_hint="--copy-to")
    with head_office(data, database, as_json=json_) as office:
        if store is not None:
            with screen().status("Building …"):
                made = office.store_files.build(store, whatever_size=True)
            tell(
                {
                    "ok": True,
                    "store": store,
                    "cursors": dict(made.cursors),
                    "sha256": made.sha256,
                    "length": made.length,
                },
                as_json=json_,
                text=f"File of store {store}: {made.length} bytes.",
            )
            return
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
