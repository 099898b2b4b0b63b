"""The first page."""

from __future__ import annotations

from sync_server.console.ask import Ask, Page, Reply


def overview(ask: Ask) -> Reply:
    """What this person may open."""
    return Page("home.html")
