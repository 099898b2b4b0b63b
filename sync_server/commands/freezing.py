"""`freeze-member` and `unfreeze-member`: nothing of an account is spent until it is let go again."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sync_server.commands.app import DatabaseOption, DataOption, JsonOption, app, head_office, tell
from sync_server.services.acts import Act, checked_why
from sync_server.services.erasures import NoSuchMember
from sync_server.services.importing.cells import phone_cell

Why = Annotated[str, typer.Option(help="Why, for the audit: no names.")]
Member = Annotated[str | None, typer.Option(help="Id of the member.")]
Phone = Annotated[str | None, typer.Option(help="Or the phone number; all ids that have it.")]


@app.command("freeze-member")
def freeze(
    data: DataOption,
    why: Why,
    member: Member = None,
    phone: Phone = None,
    database: DatabaseOption = None,
    json_: JsonOption = False,
) -> None:
    """A lost card or a stolen account: it goes on earning, and nothing of it is spent any more."""
    _say(data, why, member, phone, database, json_, frozen=True)


@app.command("unfreeze-member")
def unfreeze(
    data: DataOption,
    why: Why,
    member: Member = None,
    phone: Phone = None,
    database: DatabaseOption = None,
    json_: JsonOption = False,
) -> None:
    """Points, stored value and coupons of the account may be spent again."""
    _say(data, why, member, phone, database, json_, frozen=False)


def _say(
    data: Path,
    why: str,
    member: str | None,
    phone: str | None,
    database: str | None,
    json_: bool,
    *,
    frozen: bool,
) -> None:
    with head_office(data, database, as_json=json_) as office:
        act = Act("command line", checked_why(why))
        ids = [] if member is None else [member]
        if phone is not None:
            ids += office.erasures.member_ids_of(phone_cell(phone))
        if not ids:
            raise NoSuchMember("no member with this number")
        done = sorted({each for asked in ids for each in office.freezing.freeze(act, asked, frozen=frozen)})
        status = "frozen" if frozen else "active"
        told = {"ok": True, "status": status, "member_ids": done}
        tell(told, as_json=json_, text=f"{', '.join(done)}: {status}.")
