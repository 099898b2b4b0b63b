"""Where notices go out and what they say: channels with their adapters, and templates."""

from __future__ import annotations

from urllib.parse import quote

from sync_server.console.ask import Ask, Page, Redirect, Reply
from sync_server.services.console.notices import placeholders
from sync_server.services.notices.kinds import ADAPTERS, ADDRESS, CHANNELS, EVENTS, LANGUAGES
from sync_server.store.notice_setup import TemplateRow

CHANNELS_PAGE = "/console/notice-channels"


def channels(ask: Ask) -> Reply:
    """Every channel with its adapter."""
    values = {
        "channels": ask.desk.notice_channels.listing(),
        "adapters": ADAPTERS,
        "address": ADDRESS,
        "rules": ask.desk.notices.rules(),
        "tried": None,
    }
    return Page("notice_channels.html", values)


def put_channel(ask: Ask) -> Reply:
    """Another adapter; an address waits for a second person."""
    adapter = ask.text("adapter")
    url = ask.text("url", "").strip()
    ask.desk.notice_channels.put(ask.act, ask.path["channel"], adapter, url)
    return Redirect(CHANNELS_PAGE, "waits_second" if adapter == "webhook" else "saved")


def approve_channel(ask: Ask) -> Reply:
    """By a second person: notices go there."""
    ask.desk.notice_channels.approve(ask.act, ask.path["channel"], ask.form.get("seen", [None])[0])
    return Redirect(CHANNELS_PAGE, "saved")


def refuse_channel(ask: Ask) -> Reply:
    """The address that waits is forgotten."""
    ask.desk.notice_channels.refuse(ask.act, ask.path["channel"])
    return Redirect(CHANNELS_PAGE, "saved")


def secret(ask: Ask) -> Reply:
    """What signatures are checked with, shown this once."""
    channel = ask.path["channel"]
    text = ask.desk.notice_channels.secret(ask.act, channel, another=ask.text("another", "") == "1")
    return Page("notice_secret.html", {"channel": channel, "secret": text})


def test(ask: Ask) -> Reply:
    """One message to an address that is typed in."""
    channel = ask.path["channel"]
    text = ask.text("text", "").strip() or ask.words("notice.test_text")
    outcome = ask.desk.notice_channels.test(ask.act, channel, ask.text("to"), text)
    return Page("notice_tested.html", {"channel": channel, "outcome": outcome})


def templates(ask: Ask) -> Reply:
    """Events by channels, each text in each language."""
    values = {
        "templates": ask.desk.notices.templates(),
        "events": tuple(EVENTS),
        "channels": CHANNELS,
        "languages": LANGUAGES,
    }
    return Page("notice_templates.html", values)


def template(ask: Ask) -> Reply:
    """The editor of one text."""
    found = ask.desk.notices.template(ask.path["event"], ask.path["channel"], ask.path["language"])
    shown = None
    if found.body:
        shown = ask.desk.notices.preview(
            found.event, found.channel, found.language, subject=found.subject, body=found.body
        )
    return Page("notice_template.html", {"row": found, "words": placeholders(found.event), "shown": shown})


def preview(ask: Ask) -> Reply:
    """What a text looks like, filled in with an example."""
    shown = ask.desk.notices.preview(
        ask.path["event"],
        ask.path["channel"],
        ask.desk.notices.template(ask.path["event"], ask.path["channel"], ask.path["language"]).language,
        subject=ask.text("subject", "").strip(),
        body=ask.text("body", ""),
    )
    return Page("notice_preview.html", {"shown": shown})


def put_template(ask: Ask) -> Reply:
    """Another version."""
    event, channel, language = (ask.path[name] for name in ("event", "channel", "language"))
    row = TemplateRow(
        event,
        channel,
        language,
        0,
        ask.text("state"),
        ask.text("subject", "").strip(),
        ask.text("body").replace("\r\n", "\n").strip(),
        ask.text("provider_code", "").strip(),
        "",
        0,
    )
    ask.desk.notices.put_template(ask.act, row)
    there = "/".join(quote(each, safe="") for each in (event, channel, language))
    return Redirect(f"/console/notice-templates/{there}", "saved")
