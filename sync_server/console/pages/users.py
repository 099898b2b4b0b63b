"""Users of the console and their roles."""

from __future__ import annotations

from sync_server.console.ask import Ask, Page, Redirect, Reply
from sync_server.services.console.roles import PERMISSIONS, Role


def listing(ask: Ask) -> Reply:
    """Everybody, and the form for one more."""
    values = {"users": ask.desk.users.everybody(), "roles": list(Role), "permissions": PERMISSIONS}
    return Page("users.html", values)


def one(ask: Ask) -> Reply:
    """One user's form."""
    return Page("user.html", {"user": ask.desk.users.get(ask.path["user_id"]), "roles": list(Role)})


def add(ask: Ask) -> Reply:
    """A new user; his first password is shown once."""
    user, first = ask.desk.users.add(
        ask.act,
        login=ask.text("login"),
        name=ask.text("name"),
        roles=ask.every("roles"),
        region=ask.text("region", "").strip() or None,
    )
    return Page("first_password.html", {"user": user, "first": first})


def change(ask: Ask) -> Reply:
    """Roles, region, state."""
    ask.desk.users.change(
        ask.act,
        ask.path["user_id"],
        name=ask.text("name"),
        roles=ask.every("roles"),
        region=ask.text("region", "").strip() or None,
        state=ask.text("state"),
    )
    return Redirect("/console/users", "saved")


def reset_password(ask: Ask) -> Reply:
    """A new first password, shown once."""
    user = ask.desk.users.get(ask.path["user_id"])
    first = ask.desk.users.reset_password(ask.act, user.user_id)
    return Page("first_password.html", {"user": user, "first": first})
