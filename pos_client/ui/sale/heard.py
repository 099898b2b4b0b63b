"""How old a balance is: head office's part of it, as it was heard last."""

from __future__ import annotations

from pos_client.ui.shell.desk import Desk
from pos_client.ui.text.formats import format_time


def as_head_office_said(desk: Desk) -> str:
    """A few words, or "" while head office was never heard."""
    heard_ms = desk.workstation.sync.state.last_contact_ms
    if heard_ms is None:
        return ""
    zone = desk.workstation.status.view().time_zone
    return desk.texts.say("stock.heard", time=format_time(heard_ms, zone, "MM-dd HH:mm"))


def with_age(desk: Desk, words: str) -> str:
    """The words with the age behind them."""
    return " · ".join(filter(None, (words, as_head_office_said(desk))))
