"""`members-confirm` and `members-split`: a person's word on two ids with one phone."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sync_server.commands.app import DatabaseOption, DataOption, JsonOption, app, head_office, tell
from sync_server.services.acts import Act, checked_why
from sync_server.services.shared.links import Verdict

First = Annotated[str, typer.Argument(help="Id of one.")]
Second = Annotated[str, typer.Argument(help="Id of the other.")]
Why = Annotated[str, typer.Option(help="Why, for the audit: no names.")]


@app.command("members-confirm")
def confirm(
    first: First,
    second: Second,
    data: DataOption,
    why: Why,
    database: DatabaseOption = None,
    json_: JsonOption = False,
) -> None:
    """Two ids with one phone are one member: their points are spent as one sum."""
    _say("confirmed", first, second, data, why, database, json_)


@app.command("members-split")
def split(
    first: First,
    second: Second,
    data: DataOption,
    why: Why,
    database: DatabaseOption = None,
    json_: JsonOption = False,
) -> None:
    """Two ids with one phone are two people, for good: each has its own points again."""
    _say("split", first, second, data, why, database, json_)


def _say(
    verdict: Verdict, first: str, second: str, data: Path, why: str, database: str | None, json_: bool
) -> None:
    with head_office(data, database, as_json=json_) as office:
        office.member_links.say(Act("command line", checked_why(why)), first, second, verdict)
        told = {"ok": True, "verdict": verdict, "first_id": first, "second_id": second}
        tell(told, as_json=json_, text=f"{first} and {second}: {verdict}.")
