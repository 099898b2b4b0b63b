"""`backup` while serving, and `restore` into a new epoch."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sync_server.commands.app import (
    DatabaseOption,
    DataOption,
    JsonOption,
    app,
    errors_told,
    head_office,
    screen,
    tell,
)
from sync_server.services.backup import make_backup, restore_backup
from sync_server.services.clock import SystemClock
from sync_server.services.data_folder import DataFolder


@app.command()
def backup(
    data: DataOption,
    to: Annotated[Path, typer.Option(help="A new folder for the backup.")],
    database: DatabaseOption = None,
    json_: JsonOption = False,
) -> None:
    """Copy the database and its release files while the server runs. Keys are not in a backup."""
    with head_office(data, database, as_json=json_) as office:
        with screen().status("Copying …"):
            made = make_backup(office.store, office.folder, to, office.clock)
        tell(
            {
                "ok": True,
                "folder": str(made.folder),
                "documents": made.documents,
                "files": made.files,
                "bytes": made.bytes,
                "epoch": made.epoch,
            },
            as_json=json_,
            text=f"{made.documents} documents, {made.files} files, {made.bytes} bytes in {made.folder}.\n"
            f"The secrets in {office.folder.keys} are not in it: keep a copy of them elsewhere.",
        )


@app.command()
def restore(
    data: DataOption,
    source: Annotated[Path, typer.Option("--from", help="A folder that `backup` made.")],
    database: DatabaseOption = None,
    json_: JsonOption = False,
) -> None:
    """Put a backup in place under a new epoch; workstations then send again what it lacks."""
    with errors_told(as_json=json_):
        with screen().status("Restoring …"):
            done = restore_backup(DataFolder(data), source, SystemClock(), database_url=database)
        tell(
            {
                "ok": True,
                "epoch": done.epoch,
                "documents": done.documents,
                "aside": None if done.aside is None else str(done.aside),
            },
            as_json=json_,
            text=f"Restored {done.documents} documents; the epoch is now {done.epoch}.\n"
            f"The database before is {done.aside or 'none'}.",
        )
