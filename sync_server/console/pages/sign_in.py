"""Signing in."""

from __future__ import annotations

from sync_server.console.ask import Ask, Page, Redirect, Reply

HOME = "/console/"


def form(ask: Ask) -> Reply:
    """The form; whoever is signed in goes on."""
    wanted = local_path(ask.query.get("next", ""))
    if ask.who is not None:
        return Redirect(wanted)
    return Page("sign_in.html", {"next": wanted})


def submit(ask: Ask) -> Reply:
    """Name and password."""
    token = ask.desk.users.sign_in(ask.text("login"), ask.text("password"))
    return Redirect(local_path(ask.text("next", "")), session=token)


def local_path(text: str) -> str:
    """`text` when it is a path of the console; the first page otherwise (no open redirect)."""
    plain = text.startswith("/console/") and "//" not in text and "\\" not in text and text.isprintable()
    return text if plain else HOME
