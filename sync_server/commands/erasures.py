"""`erase-member` and `erasures`: a member's data destroyed, and which workstations have not heard of it."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from sync_server.commands.app import DatabaseOption, DataOption, JsonOption, app, head_office, tell
from sync_server.services.acts import Act, checked_why
from sync_server.services.erasures import Erased, NoSuchMember
from sync_server.services.importing.cells import phone_cell


@app.command("erase-member")
def erase_member(
    data: DataOption,
    why: Annotated[str, typer.Option(help="Why, for the audit: no names.")],
    member: Annotated[str | None, typer.Option(help="Id of the member.")] = None,
    phone: Annotated[str | None, typer.Option(help="Or the phone number; all ids that have it.")] = None,
    database: DatabaseOption = None,
    json_: JsonOption = False,
) -> None:
    """Destroy a member's personal data, here and at every workstation's next contact; facts stay."""
    with head_office(data, database, as_json=json_) as office:
        act = Act("command line", checked_why(why))
        ids = [] if member is None else [member]
        if phone is not None:
            ids += office.erasures.member_ids_of(phone_cell(phone))
        if not ids:
            raise NoSuchMember("no member with this number")
        erased = [office.erasures.erase(act, each) for each in dict.fromkeys(ids)]
        tell({"ok": True, "erased": [asdict(each) for each in erased]}, as_json=json_, text=_text(erased))


@app.command()
def erasures(data: DataOption, database: DatabaseOption = None, json_: JsonOption = False) -> None:
    """List erasures with the workstations that have not been in contact since."""
    with head_office(data, database, as_json=json_) as office:
        found = office.erasures.listing()
        tell({"ok": True, "erasures": [asdict(each) for each in found]}, as_json=json_, text=_text(found))


def _text(erased: list[Erased]) -> str:
    lines = []
    for each in erased:
        lines.append(
            f"{each.number}  {each.member_id}: {len(each.waiting)} workstations have not heard of it."
        )
        lines += [f"    {one.store_id}  {one.name}  {one.workstation_id}" for one in each.waiting]
    return "\n".join(lines) or "None."
