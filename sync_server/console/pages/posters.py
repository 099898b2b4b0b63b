"""Posters on the customer's displays: added, put in order, taken off."""

from __future__ import annotations

from sync_server.console.ask import Ask, Page, Redirect, Reply
from sync_server.services.console.posters import (
    POSTERS_MAX,
    SECONDS,
    SECONDS_MAX,
    SECONDS_MIN,
    BadPoster,
)

PAGE = "/console/posters"


def listing(ask: Ask) -> Reply:
    """What displays show between shoppers."""
    posters, welcome, receipt_code = ask.desk.posters.listing()
    values = {
        "posters": posters,
        "welcome": welcome,
        "receipt_code": receipt_code,
        "most": POSTERS_MAX,
        "seconds": SECONDS,
        "today": ask.words.time(ask.desk.clock.now_ms())[:10],
    }
    return Page("posters.html", values)


def add(ask: Ask) -> Reply:
    """One more, at the end."""
    file = ask.files.get("image")
    if file is None or not file.size:
        raise BadPoster("which picture", field="image")
    seconds = ask.number("seconds", low=SECONDS_MIN, high=SECONDS_MAX, default=SECONDS)
    ask.desk.posters.add(ask.act, file.file, seconds, (ask.text("from", ""), ask.text("to", "")))
    return Redirect(PAGE, "saved")


def order(ask: Ask) -> Reply:
    """Another order, other days; those without a place come off."""
    seen = ask.every("poster")
    placed = [(ask.number(f"place_{key}", low=0, high=99, default=0), key) for key in seen]
    days = {key: (ask.text(f"from_{key}", ""), ask.text(f"to_{key}", "")) for key in seen}
    ask.desk.posters.order(ask.act, [key for place, key in sorted(placed) if place], seen=seen, days=days)
    return Redirect(PAGE, "saved")


def words(ask: Ask) -> Reply:
    """The welcome, and the receipt's code after a sale."""
    ask.desk.posters.words(
        ask.act, ask.text("welcome", "").strip(), receipt_code=ask.text("receipt_code", "1") == "1"
    )
    return Redirect(PAGE, "saved")
