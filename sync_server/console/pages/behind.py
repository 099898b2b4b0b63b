"""The list behind a figure of a dashboard: which sales and returns it counts, down to each of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from urllib.parse import urlencode

from pos_core.cash.store_day import DAYS_KEPT
from sync_server.console.ask import Ask, BadForm, Page, Reply
from sync_server.console.words import Words
from sync_server.services.console.behind import Cursor
from sync_server.services.console.periods import Period, period
from sync_server.store.behind import WHAT, Asked

_PATH = "/console/sales/documents"
_NAMES = {"since": "from", "until": "to"}
_TEXTS = ("channel", "home", "bought_in", "tier", "sku")
_CURSOR = ("at_day", "at_store", "at")
_BACK = {"sales": "/console/sales", "channels": "/console/channels", "members": "/console/member-figures"}


def link(**said: object) -> str:
    """The address of a list; fields left empty are left out."""
    named = {_NAMES.get(name, name): each for name, each in said.items()}
    return f"{_PATH}?{urlencode({name: each for name, each in named.items() if each not in ('', None)})}"


def links(asked: Period, **said: object) -> Callable[..., str]:
    """`link` for the figures of a page: its days and what it is narrowed to are said already."""
    return partial(link, since=asked.day_from, until=asked.day_to, **said)


def documents(ask: Ask) -> Reply:
    """Sales and returns, the newest day first; `day` alone is a period of one."""
    query, words = ask.query, ask.words
    day = query.get("day", "")
    asked = period(
        query.get("from", "") or day,
        query.get("to", "") or day,
        zone=words.facts.zone,
        now_ms=ask.desk.clock.now_ms(),
    )
    wanted = _asked(query, asked)
    region, store_id = ask.region or query.get("region") or None, query.get("store", "")
    found = ask.desk.behind.documents(region, wanted, store_id=store_id, after=_cursor(query))
    kept = {name: each for name, each in query.items() if name not in _CURSOR}
    older = found.older
    following = older and {"at_day": older.day, "at_store": older.store_id, "at": older.offset}
    values = {
        "rows": found.rows,
        "older": f"{_PATH}?{urlencode({**kept, **following})}" if following else "",
        "said": _said(words, wanted, store_id, region if ask.region is None else None),
        "period": asked,
        "back": _back(query, asked),
    }
    return Page("sales_documents.html", values)


def shelf_checks(ask: Ask) -> Reply:
    """The checks of shelf prices that a store's figures count; `wrong` those that found a wrong one."""
    store_id = ask.query.get("store", "")
    asked = period("", "", zone=ask.words.facts.zone, now_ms=ask.desk.clock.now_ms(), days=DAYS_KEPT + 1)
    rows = ask.desk.behind.shelf_checks(ask.region, store_id, asked.day_from)
    shown = [row for row in rows if row.wrong or not ask.query.get("wrong")]
    return Page("shelf_checks.html", {"rows": shown, "store_id": store_id})


def _asked(query: Mapping[str, str], asked: Period) -> Asked:
    what, hour = query.get("what", ""), query.get("hour", "")
    if what not in ("", *WHAT):
        raise BadForm("no such figure", field="what")
    if hour and not (hour.isascii() and hour.isdigit() and int(hour) < 24):
        raise BadForm("an hour", field="hour")
    texts = {name: query.get(name, "") for name in _TEXTS}
    kept_from = query.get("kept_from", "")
    return Asked(
        asked.day_from, asked.day_to, None, what, int(hour) if hour else None, kept_from=kept_from, **texts
    )


def _cursor(query: Mapping[str, str]) -> Cursor | None:
    day, store_id, at = (query.get(name, "") for name in _CURSOR)
    return Cursor(day, store_id, int(at)) if day and at.isascii() and at.isdigit() and len(at) < 10 else None


def _said(words: Words, asked: Asked, store_id: str, region: str | None) -> list[str]:
    """What the list is narrowed to, in words."""
    found = [store_id, region or ""]
    if asked.hour is not None:
        found.append(words("behind.hour", hour=f"{asked.hour:02d}"))
    if asked.channel:
        found.append(channel_named(words, asked.channel))
    if asked.home:
        found.append(words("behind.home", channel=channel_named(words, asked.home)))
    found += [asked.sku, words("behind.tier", tier=asked.tier) if asked.tier else ""]
    if asked.bought_in:
        found.append(words("behind.bought_in"))
    if asked.what:
        found.append(words(f"behind.{asked.what}"))
    return [each for each in found if each]


def _back(query: Mapping[str, str], asked: Period) -> str:
    path = _BACK.get(query.get("of", ""), _BACK["sales"])
    said = {"from": asked.day_from, "to": asked.day_to, "store": query.get("store", "")}
    return f"{path}?{urlencode({name: each for name, each in said.items() if each})}"


def channel_named(words: Words, channel: str) -> str:
    """A channel in words, or as it is called."""
    return words(f"channel.{channel}") if words.has(f"channel.{channel}") else channel
