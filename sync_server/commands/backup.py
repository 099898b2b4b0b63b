"""`backup` while serving, `backup-keys` day by day, and `restore` into a new epoch."""

from __future__ import annotations

from datetime import UTC, datetime
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
from sync_server.services.backup import failures_told, make_backup
from sync_server.services.backup_expiry import BackupExpiry
from sync_server.services.backup_keys import KEYS_NAME
from sync_server.services.clock import SystemClock
from sync_server.services.data_folder import DataFolder
from sync_server.services.restore import NO_KEYS, OLD_FORM, restore_backup

_WARNINGS = {
    NO_KEYS: "No keys' file that counts was found: members are ids with sums until their workstations send"
    " their keys again or they are imported again. Restore again with --member-keys if you have one.",
    OLD_FORM: "This backup is of an older program: its members can be read in it without a keys' file. Make a"
    " new backup and delete it.",
}


@app.command()
def backup(
    data: DataOption,
    to: Annotated[Path, typer.Option(help="A new folder for the backup.")],
    database: DatabaseOption = None,
    json_: JsonOption = False,
) -> None:
    """Copy the database and its release files while the server runs. The chain's keys are not in a backup."""
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
                "members": made.members,
                "keys_expire_at_ms": made.keys_expire_at_ms,
            },
            as_json=json_,
            text=f"{made.documents} documents, {made.files} files, {made.bytes} bytes in {made.folder}.\n"
            f"Members open with {KEYS_NAME} alone, until {_day(made.keys_expire_at_ms)}; delete it then.\n"
            f"The secrets in {office.folder.keys} are not in it: keep a copy of them elsewhere.",
        )


@app.command("backup-keys")
def backup_keys(
    data: DataOption,
    place: Annotated[Path, typer.Option("--in", help="The folder that your backups lie in.")],
    database: DatabaseOption = None,
    json_: JsonOption = False,
) -> None:
    """Give the newest backup in a folder a fresh keys' file, and delete those there that have expired."""
    with head_office(data, database, as_json=json_) as office:
        with failures_told(place / KEYS_NAME):
            done = BackupExpiry(office.store, office.folder, office.clock).in_folder(place)
        fresh = done.renewed
        tell(
            {
                "ok": True,
                "renewed": None if fresh is None else str(fresh.path),
                "expires_at_ms": None if fresh is None else fresh.expires_at_ms,
                "deleted": [str(path) for path in done.deleted],
            },
            as_json=json_,
            text=f"There is no backup in {place}."
            if fresh is None
            else f"{fresh.path} counts until {_day(fresh.expires_at_ms)}; {len(done.deleted)} deleted.",
        )


@app.command()
def restore(
    data: DataOption,
    source: Annotated[Path, typer.Option("--from", help="A folder that `backup` made.")],
    member_keys: Annotated[
        Path | None, typer.Option(help="A keys' file; the newest beside the backup when not given.")
    ] = None,
    database: DatabaseOption = None,
    json_: JsonOption = False,
) -> None:
    """Put a backup in place under a new epoch; workstations then send again what it lacks."""
    with errors_told(as_json=json_):
        with screen().status("Restoring …"):
            done = restore_backup(
                DataFolder(data), source, SystemClock(), database_url=database, member_keys=member_keys
            )
        tell(
            {
                "ok": True,
                "epoch": done.epoch,
                "documents": done.documents,
                "aside": None if done.aside is None else str(done.aside),
                "member_keys": None if done.keys is None else str(done.keys.path),
                "members_unreadable": done.unreadable,
                "members_erased": done.erased,
                "warnings": list(done.warnings),
            },
            as_json=json_,
            text="\n".join(
                [
                    f"Restored {done.documents} documents; the epoch is now {done.epoch}.",
                    f"The database before is {done.aside or 'none'}.",
                    f"Keys' file: {'none' if done.keys is None else done.keys.path}; members who stay closed:"
                    f" {done.unreadable}; erased since the backup, and so again: {done.erased}.",
                    *(_WARNINGS[each] for each in done.warnings),
                ]
            ),
        )


def _day(at_ms: int) -> str:
    return datetime.fromtimestamp(at_ms / 1000, UTC).date().isoformat()
