"""`hand-in`: documents that were rescued from a dead workstation's journal with the recovery key."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from sync_server.commands.app import DatabaseOption, DataOption, JsonOption, app, head_office, tell
from sync_server.services.acts import Act, checked_why


@app.command("hand-in")
def hand_in(
    file: Annotated[
        Path, typer.Argument(exists=True, dir_okay=False, help="What `tidemark rescue` has written.")
    ],
    data: DataOption,
    by: Annotated[str, typer.Option(help="Who does this.")],
    second: Annotated[str, typer.Option(help="Who stands beside: another person.")],
    why: Annotated[str, typer.Option(help="Why, for the audit.")],
    enrolled_since: Annotated[
        bool,
        typer.Option(
            "--enrolled-since",
            help="It was enrolled after the backup that this head office was restored from.",
        ),
    ] = False,
    database: DatabaseOption = None,
    json_: JsonOption = False,
) -> None:
    """Take the rescued documents that head office lacks, each once; leaves an audit row."""
    with head_office(data, database, as_json=json_) as office, file.open(encoding="utf-8") as lines:
        act = Act("command line", checked_why(why))
        found = office.rescue.hand_in(lines, by=by, witness=second, act=act, enrolled_since=enrolled_since)
        text = f"{found.documents} documents were new, {found.member_keys} members' keys are here." + "".join(
            f"\nSeries {each['incarnation']} stopped at {each['number']}: {each['code']};"
            " what differs is in quarantine."
            for each in found.stopped
        )
        tell({"ok": True, **asdict(found)}, as_json=json_, text=text)
