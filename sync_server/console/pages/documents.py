"""One document, whatever page named it."""

from __future__ import annotations

from sync_server.console.ask import Ask, Page, Reply


def one(ask: Ask) -> Reply:
    """Field by field, personal data masked."""
    place = (ask.path["workstation_id"], str(ask.path_number("incarnation")), str(ask.path_number("number")))
    return Page("document.html", {"side": ask.desk.documents.one("/".join(place), ask.region)})
