"""What is everybody's own: language, password, signing out."""

from __future__ import annotations

from sync_server.console.ask import Ask, BadForm, Page, Redirect, Reply
from sync_server.console.pages.sign_in import local_path
from sync_server.console.words import LANGUAGES


def language(ask: Ask) -> Reply:
    """Chinese or English, here and at the next sign-in."""
    wanted = ask.text("language")
    if wanted not in LANGUAGES:
        raise BadForm("no such language", field="language")
    if ask.who is not None:
        ask.desk.users.set_language(ask.act, ask.who.user.user_id, wanted)
    return Redirect(local_path(ask.text("back", "")), language=wanted)


def sign_out(ask: Ask) -> Reply:
    """Ends this session."""
    ask.desk.sessions.close(ask.user.token)
    return Redirect("/console/sign-in", session="")


def password_form(ask: Ask) -> Reply:
    """The form; a first password has to be changed before anything else."""
    return Page("password.html", {"must": ask.user.user.must_change})


def password(ask: Ask) -> Reply:
    """A new password; other browsers are signed out."""
    new = ask.text("new")
    if new != ask.text("again"):
        raise BadForm("typed differently", field="again")
    token = ask.desk.users.change_password(ask.act, ask.user.user.user_id, old=ask.text("old"), new=new)
    return Redirect("/console/", "password_changed", session=token)
