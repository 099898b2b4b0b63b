"""What clashed and how it was ruled, and documents in quarantine."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from urllib.parse import quote, urlencode

from sync_server.console.ask import Ask, Download, Page, Redirect, Reply
from sync_server.console.charts import Chart, Series
from sync_server.console.forms import period_of
from sync_server.console.pages.ruling_words import cause_of, figures_of, technical_of
from sync_server.console.words import Words
from sync_server.services.console.exception_counts import QUARANTINE, Counts
from sync_server.services.console.exceptions import Asked
from sync_server.services.console.periods import Period
from sync_server.services.console.tables import CSV_TYPE, Cells, as_csv
from sync_server.store.quarantine import Key as KeptKey
from sync_server.store.ruling import Key as RulingKey

_PATH = "/console/exceptions"
_CURSOR = ("at", "at_ruling")
_KEPT_CURSOR = ("kept_at", "kept_till", "kept_life", "kept_number", "kept_hash")


def listing(ask: Ask) -> Reply:
    """Standing rulings (`over=1`: superseded ones too), of one rule or all; the quarantine."""
    query = ask.query
    some_days = period_of(ask) if query.get("from") or query.get("to") else None
    asked = Asked(
        query.get("rule", ""),
        query.get("over") == "1",
        query.get("state", ""),
        query.get("store", ""),
        some_days,
    )
    found = ask.desk.exceptions.view(
        ask.region, asked, beyond=_beyond(query), kept_beyond=_kept_beyond(query)
    )
    to = _narrowed(asked)
    values = {
        "found": found,
        "asked": asked,
        "to": to,
        "older": found.older and to(**dict(zip(_CURSOR, found.older, strict=True))),
        "kept_older": found.kept_older and to(**dict(zip(_KEPT_CURSOR, found.kept_older, strict=True))),
    }
    return Page("exceptions.html", values)


def _narrowed(asked: Asked) -> Callable[..., str]:
    """The list as it is narrowed, with something else asked for."""
    days = asked.period
    said = {
        "rule": asked.rule,
        "over": "1" if asked.superseded else "",
        "state": asked.state,
        "store": asked.store_id,
        "from": days.day_from if days else "",
        "to": days.day_to if days else "",
    }

    def to(**more: object) -> str:
        kept = {name: each for name, each in {**said, **more}.items() if each != ""}
        return f"{_PATH}?{urlencode(kept)}" if kept else _PATH

    return to


def _beyond(query: Mapping[str, str]) -> RulingKey | None:
    at, ruling_id = (query.get(name, "") for name in _CURSOR)
    return (int(at), ruling_id) if _is_number(at) else None


def _kept_beyond(query: Mapping[str, str]) -> KeptKey | None:
    at, till, life, number, digest = (query.get(name, "") for name in _KEPT_CURSOR)
    if not all(map(_is_number, (at, life, number))):
        return None
    return int(at), till, int(life), int(number), digest


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 16


def counts(ask: Ask) -> Reply:
    """By day, store and cause, with a chart."""
    asked, over = period_of(ask), ask.query.get("over") == "1"
    found = ask.desk.exception_counts.view(ask.region, asked, superseded=over)
    values = {
        "period": asked,
        "over": over,
        "found": found,
        "chart": _chart(ask.words, found, asked, over),
        "names": {cause: _cause(ask.words, cause) for cause in found.causes},
        "link": lambda **more: _behind(asked, over, **more),
    }
    return Page("exception_counts.html", values)


def export_counts(ask: Ask) -> Reply:
    """The table of stores and causes as CSV."""
    asked = period_of(ask)
    found = ask.desk.exception_counts.view(ask.region, asked, superseded=ask.query.get("over") == "1")
    rows: list[Cells] = [
        [
            store_id,
            name,
            *(found.by_store[store_id, each] for each in found.causes),
            found.cost_minor[store_id],
        ]
        for store_id, name in found.stores
    ]
    headings = ["store_id", "store", *found.causes, "cost_minor"]
    return Download(f"exceptions-{asked.day_from}-{asked.day_to}.csv", CSV_TYPE, as_csv(headings, rows))


def _chart(words: Words, found: Counts, asked: Period, over: bool) -> Chart:
    buckets = asked.buckets()
    series = [
        Series(
            _cause(words, cause),
            [found.by_bucket[bucket, cause] for bucket in buckets],
            links=[_behind(asked, over, rule=cause, bucket=bucket) for bucket in buckets],
        )
        for cause in found.causes
    ]
    return Chart(buckets, series, stack=True)


def _behind(asked: Period, over: bool, *, rule: str = "", store: str = "", bucket: str = "") -> str:
    """The list that a figure counts."""
    first, last = asked.days_of(bucket) if bucket else (asked.day_from, asked.day_to)
    said = {"rule": rule, "store": store, "from": first, "to": last, "over": "1" if over else ""}
    return f"{_PATH}?" + urlencode({key: value for key, value in said.items() if value})


def _cause(words: Words, cause: str) -> str:
    if cause == QUARANTINE:
        return words("exceptions.quarantine")
    return words(f"ruling.{cause}") if words.has(f"ruling.{cause}") else cause


def ruling(ask: Ask) -> Reply:
    """One ruling with both sides opened."""
    one = ask.desk.exception_acts.ruling(ask.path["ruling_id"], ask.region)
    values = {
        "one": one,
        "cause": cause_of(ask.words, one.made),
        "figures": figures_of(ask.words, one.made),
        "technical": technical_of(one.made),
    }
    return Page("exception.html", values)


def accept(ask: Ask) -> Reply:
    """It stays as ruled."""
    ask.desk.exception_acts.accept(ask.act, ask.path["ruling_id"], ask.region)
    return _to_ruling(ask)


def charge(ask: Ask) -> Reply:
    """Who bears it in the end."""
    ask.desk.exception_acts.charge(ask.act, ask.path["ruling_id"], ask.region, ask.text("to", "").strip())
    return _to_ruling(ask)


def contacted(ask: Ask) -> Reply:
    """Somebody spoke with the member."""
    ask.desk.exception_acts.contacted(ask.act, ask.path["ruling_id"], ask.region)
    return _to_ruling(ask)


def block_coupon(ask: Ask) -> Reply:
    """The coupon is void."""
    ask.desk.exception_acts.block_coupon(ask.act, ask.path["ruling_id"], ask.region)
    return _to_ruling(ask)


def merge(ask: Ask) -> Reply:
    """The two ids are one member."""
    return _judged(ask, "merge")


def split(ask: Ask) -> Reply:
    """The two ids are two people."""
    return _judged(ask, "split")


def _judged(ask: Ask, action: str) -> Redirect:
    acts = ask.desk.exception_acts
    standing = acts.judge_members(ask.act, ask.path["ruling_id"], ask.region, action)
    return Redirect(f"/console/exceptions/rulings/{standing}", "saved")


def kept(ask: Ask) -> Reply:
    """One quarantined document, and why it lies there."""
    row, lines = ask.desk.exception_acts.kept(_place(ask), ask.region)
    return Page("quarantined.html", {"row": row, "lines": lines})


def try_again(ask: Ask) -> Reply:
    """Applies a quarantined document now, if this version can."""
    applied = ask.desk.exception_acts.try_again(ask.act, _place(ask), ask.region)
    place = "/".join(quote(str(part), safe="") for part in _place(ask))
    return Redirect(
        f"/console/exceptions/quarantine/{place}", "document_applied" if applied else "document_stays"
    )


def _to_ruling(ask: Ask) -> Redirect:
    return Redirect(f"/console/exceptions/rulings/{ask.path['ruling_id']}", "saved")


def _place(ask: Ask) -> tuple[str, int, int, str]:
    numbers = ask.path_number("incarnation"), ask.path_number("number")
    return (ask.path["workstation_id"], *numbers, ask.path["hash"])
