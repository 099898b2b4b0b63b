"""`enrolment-code`: a one-time code for one workstation of a store."""

from __future__ import annotations

from typing import Annotated

import typer

from sync_server.commands.app import DatabaseOption, DataOption, JsonOption, app, head_office, tell
from sync_server.services.certificates import ca_fingerprint


@app.command("enrolment-code")
def enrolment_code(
    data: DataOption,
    store: Annotated[str, typer.Option(help="The store that the workstation will belong to.")],
    minutes: Annotated[int, typer.Option(help="How long the code can be used.")] = 10,
    tls: Annotated[
        bool, typer.Option("--tls/--no-tls", help="Without TLS (loopback) the code carries no fingerprint.")
    ] = True,
    database: DatabaseOption = None,
    json_: JsonOption = False,
) -> None:
    """Make a code; it is shown once, works once, and carries the CA's fingerprint."""
    with head_office(data, database, as_json=json_) as office:
        made = office.enrolment.new_code(
            store, minutes=minutes, ca_fingerprint=ca_fingerprint(office.folder) if tls else None
        )
        tell(
            {"ok": True, "code": made.code, "store_id": store, "expires_at_ms": made.expires_at_ms},
            as_json=json_,
            text=f"{made.code}\nFor one workstation of {store}, within {minutes} minutes.",
        )
