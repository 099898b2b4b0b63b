"""`init`: found a chain."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sync_server.commands.app import DatabaseOption, DataOption, JsonOption, app, errors_told, tell
from sync_server.services.chain import found_chain
from sync_server.services.clock import SystemClock
from sync_server.services.data_folder import DataFolder


@app.command()
def init(
    data: DataOption,
    chain_name: Annotated[str, typer.Option("--chain-name", help="The chain's name, as people say it.")],
    currency: Annotated[str, typer.Option(help="ISO 4217 code.")] = "CNY",
    host: Annotated[
        list[str] | None, typer.Option(help="Host name or address for the TLS certificate; repeatable.")
    ] = None,
    recovery_key_file: Annotated[
        Path | None, typer.Option(help="Where the recovery private key is written, once.")
    ] = None,
    database: DatabaseOption = None,
    json_: JsonOption = False,
) -> None:
    """Make the keys, the certificate authority and the database of a new chain."""
    with errors_told(as_json=json_):
        founded = found_chain(
            DataFolder(data),
            chain_name=chain_name,
            currency=currency,
            clock=SystemClock(),
            hosts=host or ["localhost", "127.0.0.1"],
            recovery_file=recovery_key_file,
            database_url=database,
        )
    tell(
        {
            "ok": True,
            "chain_id": founded.chain_id,
            "recovery_key_file": str(founded.recovery_file),
            "ca_fingerprint": founded.ca_fingerprint,
        },
        as_json=json_,
        text=f"Chain {chain_name} is founded in {data}.\n"
        f"CA fingerprint: {founded.ca_fingerprint}\n"
        f"Move {founded.recovery_file} to two people's off-line keeping now: it opens every "
        "workstation's files and is needed only to rescue one.",
    )
