"""The first page."""

from __future__ import annotations

from sync_server.console.ask import Ask, Page, Reply


def overview(ask: Ask) -> Reply:
    """What this person may open; frozen accounts first, for whoever may look into them."""
    frozen = ask.desk.personal_watch.frozen_users() if ask.user.may("members.log") else []
    return Page("home.html", {"frozen": frozen})
