"""`console-user`: users of the console by command line; how the first administrator comes to be."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from sync_server.commands.app import DatabaseOption, DataOption, JsonOption, app, head_office, tell
from sync_server.services.acts import at_command_line

users = typer.Typer(no_args_is_help=True, help="Users of the console.")
app.add_typer(users, name="console-user")


@users.command()
def add(
    data: DataOption,
    login: Annotated[str, typer.Option(help="What the person types to sign in.")],
    name: Annotated[str, typer.Option(help="The person's name as pages show it.")],
    role: Annotated[list[str], typer.Option(help="merchandiser, marketer, approver … ; may be given again.")],
    *,
    region: Annotated[str | None, typer.Option(help="Of a regional manager.")] = None,
    password_stdin: Annotated[
        bool, typer.Option(help="Read the password from standard input instead of making a first one.")
    ] = False,
    language: Annotated[str, typer.Option(help="zh or en.")] = "zh",
    database: DatabaseOption = None,
    json_: JsonOption = False,
) -> None:
    """Add a user; a first password is printed once and has to be changed at the first sign-in."""
    given = sys.stdin.readline().rstrip("\r\n") if password_stdin else None
    with head_office(data, database, as_json=json_) as office:
        user, first = office.users.add(
            at_command_line(),
            login=login,
            name=name,
            roles=role,
            region=region,
            password=given,
            language=language,
        )
        value = {"ok": True, "user_id": user.user_id, "login": user.login, "roles": list(user.roles)}
        text = f"{user.login}: {', '.join(user.roles)}"
        if given is None:
            value["first_password"] = first
            text += f"\nFirst password, shown once: {first}"
        tell(value, as_json=json_, text=text)


@users.command("list")
def list_(data: DataOption, *, database: DatabaseOption = None, json_: JsonOption = False) -> None:
    """Every user with roles, region and state."""
    with head_office(data, database, as_json=json_) as office:
        found = office.users.everybody()
        rows = [
            {"login": u.login, "name": u.name, "roles": list(u.roles), "region": u.region, "state": u.state}
            for u in found
        ]
        lines = [f"{u.login}  {u.name}  {' '.join(u.roles)}  {u.state}" for u in found]
        tell({"ok": True, "users": rows}, as_json=json_, text="\n".join(lines))


@users.command("reset-password")
def reset_password(
    data: DataOption,
    login: Annotated[str, typer.Option(help="Whose.")],
    *,
    database: DatabaseOption = None,
    json_: JsonOption = False,
) -> None:
    """A new first password, printed once; the person's sessions end."""
    with head_office(data, database, as_json=json_) as office:
        user = next((u for u in office.users.everybody() if u.login == login.casefold()), None)
        user_id = user.user_id if user else ""
        first = office.users.reset_password(at_command_line(), user_id)
        tell(
            {"ok": True, "login": login, "first_password": first},
            as_json=json_,
            text=f"First password of {login}, shown once: {first}",
        )
