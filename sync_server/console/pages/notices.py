"""The outbox of notices: what waits, went out, failed or was held back, one by one and by sending."""

from __future__ import annotations

from urllib.parse import quote

from sync_server.console.ask import Ask, BadForm, Page, Redirect, Reply
from sync_server.services.console.notices import SHOWN, STATES
from sync_server.services.notices.kinds import CHANNELS, EVENTS, LANGUAGES, SENDING, words_of
from sync_server.services.notices.sendings import Letter, Question, question_of

OUTBOX = "/console/notices"
SENDINGS = "/console/notice-sendings"
_EVENTS = (*EVENTS, SENDING.key)


def outbox(ask: Ask) -> Reply:
    """The newest first, `SHOWN` on a page."""
    said = {name: ask.query.get(name, "") for name in ("state", "event", "reference", "before")}
    rows = ask.desk.notices.listing(**said)
    values = {
        "rows": rows,
        "counts": ask.desk.notices.counts(),
        "said": said,
        "states": STATES,
        "events": _EVENTS,
        "more": rows[-1].notice_id if len(rows) == SHOWN else "",
    }
    return Page("notices.html", values)


def one(ask: Ask) -> Reply:
    """One notice with every attempt."""
    found = ask.desk.notices.one(ask.path["notice_id"], ask.words.language)
    return Page("notice_one.html", {"one": found})


def retry(ask: Ask) -> Reply:
    """Once more, now."""
    ask.desk.notices.retry(ask.act, ask.path["notice_id"])
    return Redirect(f"{OUTBOX}/{quote(ask.path['notice_id'], safe='')}", "notice_retried")


def cancel(ask: Ask) -> Reply:
    """It does not go out."""
    ask.desk.notices.cancel(ask.act, ask.path["notice_id"])
    return Redirect(f"{OUTBOX}/{quote(ask.path['notice_id'], safe='')}", "saved")


def retry_dead(ask: Ask) -> Reply:
    """Every dead letter, some hundred at once."""
    ask.desk.notices.retry_dead(ask.act)
    return Redirect(f"{OUTBOX}?state=waiting", "notice_retried")


def sendings(ask: Ask) -> Reply:
    """Those that people sent, and the form of another."""
    tiers, regions = ask.desk.campaigns.tiers_and_regions()
    rows, _ = ask.desk.campaigns.listing()
    channels = [row.channel for row, _ in ask.desk.notice_channels.listing() if row.adapter != "off"]
    values = {
        "sendings": [(row, question_of(row), counts) for row, counts in ask.desk.sendings.listing()],
        "tiers": tiers,
        "regions": regions,
        "campaigns": [row for row, _, _ in rows if row.state == "running"],
        "channels": channels,
        "words": words_of(SENDING),
        "rules": ask.desk.notices.rules(),
    }
    return Page("notice_sendings.html", values)


def send(ask: Ask) -> Reply:
    """Asks for one: whom, what, and why."""
    channel = ask.text("channel")
    if channel not in CHANNELS:
        raise BadForm("no such channel", field="channel")
    texts = {
        language: Letter(
            ask.text(f"subject_{language}", "").strip(),
            ask.text(f"body_{language}", "").strip(),
            ask.text(f"code_{language}", "").strip(),
        )
        for language in LANGUAGES
        if ask.text(f"body_{language}", "").strip()
    }
    question = Question(
        channel,
        texts,
        tuple(sorted(ask.every("tiers"))),
        tuple(sorted(ask.every("regions"))),
        ask.text("campaign", "").strip(),
        ask.number("holdout", low=0, high=50, default=0) * 10_000,
    )
    row = ask.desk.sendings.ask(ask.act, ask.text("title"), question)
    return Redirect(SENDINGS, "waits_second" if row.state == "waiting" else "sending_begun")


def approve(ask: Ask) -> Reply:
    """By a second person: it goes out."""
    ask.desk.sendings.approve(ask.act, ask.path["sending_id"])
    return Redirect(SENDINGS, "sending_begun")


def refuse(ask: Ask) -> Reply:
    """It does not go out."""
    ask.desk.sendings.refuse(ask.act, ask.path["sending_id"])
    return Redirect(SENDINGS, "saved")


def stop(ask: Ask) -> Reply:
    """No further one."""
    ask.desk.sendings.stop(ask.act, ask.path["sending_id"])
    return Redirect(SENDINGS, "saved")
