"""`move`: from the embedded database to PostgreSQL."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sync_server.commands.app import JsonOption, app, errors_told, screen, tell
from sync_server.services.clock import SystemClock
from sync_server.services.data_folder import DataFolder


@app.command()
def move(
    from_data: Annotated[
        Path, typer.Option("--from-data", envvar="TIDEMARK_SERVER_DATA", help="Data folder of the chain.")
    ],
    to: Annotated[str, typer.Option("--to", help="postgresql://… of an empty database.")],
    json_: JsonOption = False,
) -> None:
    """Move a chain with everything in it; stop its server first. The old file is kept under another name."""
    from sync_server.services.move import move_chain

    with errors_told(as_json=json_):
        with screen().status("Copying …") as status:
            moved = move_chain(
                DataFolder(from_data),
                to,
                SystemClock(),
                on_table=lambda name, rows: status.update(f"Copied {rows} rows of {name} …"),
            )
        tell(
            {"ok": True, "chain_id": moved.chain_id, "rows": moved.rows, "aside": str(moved.aside)},
            as_json=json_,
            text=f"Moved {sum(moved.rows.values())} rows; every count and digest agrees.\n"
            f"The file before is {moved.aside}. From now on start the server with --database "
            "(or TIDEMARK_DATABASE_URL) and the same --data: keys and release files stay there.",
        )
