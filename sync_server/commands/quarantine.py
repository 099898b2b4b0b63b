"""`quarantine`: documents that could not be applied, and the other sides of forks, with their bytes."""

from __future__ import annotations

import base64
from dataclasses import asdict
from typing import Annotated

import typer
from rich.table import Table

from sync_server.commands.app import DatabaseOption, DataOption, JsonOption, app, head_office, screen, tell
from sync_server.services.acts import at_command_line
from sync_server.store import quarantine as kept


@app.command()
def quarantine(
    data: DataOption,
    limit: Annotated[int, typer.Option(min=1, help="At most so many, the newest.")] = 1000,
    retry: Annotated[bool, typer.Option(help="Try again to apply what is there, after a repair.")] = False,
    database: DatabaseOption = None,
    json_: JsonOption = False,
) -> None:
    """List what is in quarantine; `--json` gives the bytes too (base64)."""
    with head_office(data, database, as_json=json_) as office:
        if retry:
            tried = office.releasing.try_again(at_command_line())
            text = f"Applied {tried.applied}; {tried.left} are still not applicable."
            tell({"ok": True, **asdict(tried)}, as_json=json_, text=text)
            return
        rows = office.store.read(lambda txn: kept.listing(txn, limit=limit))
        if json_:
            told = [{**asdict(row), "data": base64.b64encode(row.data).decode()} for row in rows]
            tell({"ok": True, "quarantine": told}, as_json=True, text="")
            return
        table = Table("store", "workstation", "number", "place", "reason", "detail", "bytes")
        for row in rows:
            place = "in the chain" if row.in_chain else "beside it"
            table.add_row(
                row.store_id,
                f"{row.workstation_id}/{row.incarnation}",
                str(row.number),
                place,
                row.reason,
                row.detail,
                str(len(row.data)),
            )
        screen(out=True).print(table)
