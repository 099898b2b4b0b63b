"""`distribute`: spread the tables of a chain over a Citus cluster."""

from __future__ import annotations

from typing import Annotated

import typer

from sync_server.commands.app import JsonOption, app, errors_told, tell


@app.command()
def distribute(
    database: Annotated[
        str,
        typer.Option("--database", envvar="TIDEMARK_DATABASE_URL", help="postgresql://… of the coordinator."),
    ],
    json_: JsonOption = False,
) -> None:
    """Mark the tables of a chain for Citus: sales by workstation, the feed by scope."""
    from sync_server.store.distribution import distribute as mark
    from sync_server.store.postgresql import conninfo_of

    with errors_told(as_json=json_):
        done = mark(conninfo_of(database))
        tell(
            {"ok": True, "statements": done}, as_json=json_, text="\n".join(done) or "Everything was marked."
        )
