"""The watch of operators: counts beside their sales, day by day, down to the documents; for a file too."""

from __future__ import annotations

from urllib.parse import urlencode

from pos_core.sync.folds.watch import NAMES
from sync_server.console.ask import Ask, Page, Reply
from sync_server.console.forms import period_of
from sync_server.console.pages.prices import as_file
from sync_server.services.console.operator_watch import WATCHED
from sync_server.services.console.periods import Period, period
from sync_server.services.console.tables import Cells

ROWS = 200
"""Operators on a page; who stands out is on the first."""
WITHOUT_AMOUNT = frozenset({"drawer_without_sale", "no_sale_after_void", "reprints", "till_counts"})


def overview(ask: Ask) -> Reply:
    """Every operator that this person may see, a page at a time."""
    asked, store_id = period_of(ask), ask.query.get("store", "")
    by = ask.query.get("by", "")
    by = by if by in WATCHED else ""
    found = ask.desk.operator_watch.overview(ask.region, asked, store_id, by)
    skip = ask.number("skip", low=0, high=10_000_000, default=0)
    shown = found.operators[skip : skip + ROWS]
    middle_at = found.middle_place(by) if by else None

    def to(**more: str) -> str:
        kept = {"store": store_id, "by": by} | more
        return _to("/console/watch", asked, {name: each for name, each in kept.items() if each})

    values = {
        "period": asked,
        "store_id": store_id,
        "found": found,
        "shown": shown,
        "watched": WATCHED,
        "by": by,
        "middle_row": None if middle_at is None else middle_at - skip,
        "to_middle": "" if middle_at is None else to(skip=str(middle_at // ROWS * ROWS)),
        "more": to(skip=str(skip + ROWS)) if skip + ROWS < len(found.operators) else "",
        "link": lambda **more: _to("/console/watch/operator", asked, more),
        "sorted_by": lambda name: to(by=name),
    }
    return Page("watch.html", values)


def operator(ask: Ask) -> Reply:
    """One operator's days."""
    asked = period_of(ask)
    store_id, operator_id = ask.query.get("store", ""), ask.query.get("operator", "")
    one, days = ask.desk.operator_watch.days(ask.region, asked, store_id, operator_id)
    names = [name for name in NAMES if one is not None and one.counts[name][0]]
    values = {"period": asked, "one": one, "days": days, "names": names, "no_amount": WITHOUT_AMOUNT}
    place = {"store": store_id, "operator": operator_id}
    return Page(
        "watch_operator.html",
        {**values, **place, "link": lambda **more: _to("/console/watch/documents", asked, place | more)},
    )


def documents(ask: Ask) -> Reply:
    """What a figure counts: of one day, or a sum of the period's."""
    store_id, operator_id, day, name = (
        ask.query.get(each, "") for each in ("store", "operator", "day", "count")
    )
    asked, place = period_of(ask), {"store": store_id, "operator": operator_id}
    last = ask.query.get("until") or asked.day_to
    read = period(day or asked.day_from, day or last, zone=asked.zone, now_ms=ask.desk.clock.now_ms())
    rows, older = ask.desk.operator_watch.behind(ask.region, (store_id, operator_id), read, name)
    values = {
        "rows": rows,
        "name": name if name in NAMES else "",
        "day": day or f"{asked.day_from} – {asked.day_to}",
        "back": _to("/console/watch/operator", asked, place),
        "older": _to("/console/watch/documents", asked, {**place, "count": name, "until": older})
        if older
        else "",
    }
    return Page("watch_documents.html", values)


def export(ask: Ask) -> Reply:
    """Every operator with every count and its amount, as CSV or XLSX."""
    asked = period_of(ask)
    found = ask.desk.operator_watch.overview(ask.region, asked, ask.query.get("store", ""))
    rows: list[Cells] = [
        [
            one.store_id,
            one.store_name,
            one.operator_number,
            one.name,
            *(figure for name in NAMES for figure in one.counts[name]),
            " ".join(name for name in WATCHED if name in one.stands_out),
        ]
        for one in found.operators
    ]
    figures = (column for name in NAMES for column in (name, f"{name}_minor"))
    headings = ("store_id", "store", "operator_number", "operator", *figures, "stands_out")
    return as_file(ask, f"watch-{asked.day_from}-{asked.day_to}", headings, rows)


def _to(path: str, asked: Period, more: dict[str, str]) -> str:
    return f"{path}?{urlencode({'from': asked.day_from, 'to': asked.day_to, **more})}"
