"""Shifts and Z reports of all stores: the list with its totals, one in words, the sales behind it, files."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, get_args
from urllib.parse import quote, urlencode

from sync_server.console.ask import Ask, BadForm, Page, Reply
from sync_server.console.forms import period_of
from sync_server.console.pages.behind import link
from sync_server.console.pages.prices import as_file
from sync_server.console.words import Words
from sync_server.services.console.periods import Period
from sync_server.services.console.shift_desk import Shift, checked
from sync_server.services.console.tables import Cells
from sync_server.store.shift_list import Asked, Difference, Key, SalesAsked

DAYS = 7
_PATH = "/console/shifts"
_CURSOR = ("at_day", "at_store", "at_till", "at_shift")
_FILTERS = ("store", "till", "difference", "state", "tender")
_WHAT = ("sale", "return", "purse")
_FIGURES = (
    "sales", "sales_minor", "returns", "returns_minor", "purse_minor", "float_minor", "paid_in_minor",
    "paid_out_minor", "loan_minor", "pickup_minor", "over_minor",
)  # fmt: skip
_PLACE = (
    "business_day",
    "store_id",
    "store",
    "workstation_id",
    "workstation",
    "shift_id",
    "z_number",
    "operator",
)
_TENDER = ("tender_code", "tender_kind", "taken_minor", "expected_minor", "counted_minor", "difference_minor")


def listing(ask: Ask) -> Reply:
    """Shifts of a few days, narrowed as one likes, a page at a time."""
    asked, period = _asked(ask)
    query, store_id = ask.query, ask.query.get("store", "")
    found = ask.desk.shifts.listing(ask.region, asked, store_id, _cursor(query))
    to = _links(period, {name: query.get(name, "") for name in _FILTERS})
    plain = not (asked.workstation_id or asked.difference or asked.is_open is not None)
    values = {
        "period": period,
        "asked": asked,
        "store_id": store_id,
        "state": query.get("state", ""),
        "found": found,
        "to": to,
        "older": to(**dict(zip(_CURSOR, found.after, strict=True))) if found.after else "",
        "behind": _sales_behind(period, store_id) if plain else lambda **_: "#shifts",
        "tender_named": _tender_named(ask.words, found.names),
        "shift_path": shift_path,
    }
    return Page("shifts.html", values)


def export(ask: Ask) -> Reply:
    """The same as CSV or XLSX: a row for each shift, or with `of=tenders` for each means of payment in it."""
    asked, period = _asked(ask)
    of_tenders = ask.query.get("of") == "tenders"
    rows = ask.desk.shifts.every(ask.region, asked, ask.query.get("store", ""), tenders=of_tenders)
    days = f"{period.day_from}-{period.day_to}"
    if of_tenders:
        return as_file(ask, f"shift-tenders-{days}", (*_PLACE, *_TENDER), _tender_rows(rows))
    headings = (*_PLACE, "opened", "settled", "net_sales_minor", *_FIGURES, "late_minor")
    return as_file(ask, f"shifts-{days}", headings, _shift_rows(ask.words, rows))


def one(ask: Ask) -> Reply:
    """A Z report, or what is known of an open shift, with every document that it names."""
    found = ask.desk.shifts.one(ask.region, ask.path["workstation_id"], ask.path["shift_id"])
    path = shift_path(found.shift)
    values = {
        "found": found,
        "shift": found.shift,
        "row": found.shift.figures,
        "behind": lambda **said: f"{path}/sales?{urlencode(said)}",
        "tender_named": _tender_named(ask.words, found.names),
        "reason": lambda use, body: _reason(ask.words, found.reasons, use, body),
        "back": _back(found.shift),
        "settlement": next((each for each in found.acts if each["type"] == "shift_settled"), None),
    }
    return Page("shift.html", values)


def sales(ask: Ask) -> Reply:
    """Its sales and returns, in order; of one kind, or those paid by one means."""
    query = ask.query
    place = (ask.path["workstation_id"], ask.path["shift_id"])
    what, tender = query.get("what", ""), query.get("tender", "")
    if what and what not in _WHAT:
        raise BadForm("no such figure", field="what")
    at = [query.get(name, "") for name in ("incarnation", "number")]
    is_place = all(each.isascii() and each.isdigit() and len(each) < 16 for each in at)
    after = (int(at[0]), int(at[1])) if is_place else None
    shift, rows, more = ask.desk.shifts.sales(ask.region, place, SalesAsked(what, tender), after)
    said = {"what": what, "tender": tender}
    path = shift_path(shift)
    following = more and {**said, "incarnation": more[0], "number": more[1]}
    values = {
        "shift": shift,
        "rows": rows,
        "back": path,
        "what": what,
        "tender": tender,
        "more": f"{path}/sales?{urlencode(following)}" if following else "",
    }
    return Page("shift_sales.html", values)


def shift_path(shift: Shift) -> str:
    """The page of a shift."""
    row = shift.figures
    return f"{_PATH}/{quote(row['workstation_id'], safe='')}/{quote(row['shift_id'], safe='')}"


def _asked(ask: Ask) -> tuple[Asked, Period]:
    query, asked = ask.query, checked(period_of(ask, days=DAYS))
    difference, state = query.get("difference", ""), query.get("state", "")
    if difference not in get_args(Difference):
        raise BadForm("over, short or any", field="difference")
    if state not in ("", "open", "settled"):
        raise BadForm("open or settled", field="state")
    is_open = None if not state else state == "open"
    return (
        Asked(
            asked.day_from,
            asked.day_to,
            workstation_id=query.get("till", ""),
            difference=difference,  # type: ignore[arg-type]
            is_open=is_open,
            tender=query.get("tender", ""),
        ),
        asked,
    )


def _cursor(query: Mapping[str, str]) -> Key | None:
    day, store_id, till, shift_id = (query.get(name, "") for name in _CURSOR)
    return (day, store_id, till, shift_id) if day else None


def _links(period: Period, said: Mapping[str, str]) -> Callable[..., str]:
    """The list with something else asked for; `path` for the file of it."""

    def to(path: str = "", **more: object) -> str:
        named = {"from": period.day_from, "to": period.day_to, **said, **more}
        kept = {name: each for name, each in named.items() if each not in ("", None)}
        return f"{_PATH}{path}?{urlencode(kept)}"

    return to


def _sales_behind(period: Period, store_id: str) -> Callable[..., str]:
    return lambda **said: link(since=period.day_from, until=period.day_to, store=store_id, **said)


def _back(shift: Shift) -> str:
    row = shift.figures
    said = {"from": row["business_day"], "to": row["business_day"], "store": row["store_id"]}
    return f"{_PATH}?{urlencode(said)}"


def _tender_named(words: Words, names: Mapping[str, tuple[str, str]]) -> Callable[[str], str]:
    def named(code: str) -> str:
        chinese, english = names.get(code, (code, code))
        return chinese if words.language == "zh" else english or chinese

    return named


def _reason(
    words: Words, names: Mapping[tuple[str, str], tuple[str, str]], use: str, body: Mapping[str, Any]
) -> str:
    """The chain's reason by its name, and the words beside it where there are any."""
    code, said = body.get("reason_code") or "", body.get("reason") or ""
    pair = names.get((use, code or said))
    if pair is None:
        return said or code
    name = pair[0] if words.language == "zh" else pair[1]
    return name if said in ("", code, *pair) else f"{name} · {said}"


def _place(shift: Shift) -> list[str | int | None]:
    row = shift.figures
    return [
        row["business_day"], row["store_id"], shift.store_name, row["workstation_id"], shift.workstation_name,
        row["shift_id"], row["z_number"], shift.operator,
    ]  # fmt: skip


def _shift_rows(words: Words, rows: Iterator[tuple[Shift, list[Any]]]) -> Iterator[Cells]:
    for shift, _ in rows:
        row = shift.figures
        times = [words.time(row[name]) if row[name] else "" for name in ("opened_at_ms", "settled_at_ms")]
        figures = [row[name] for name in _FIGURES]
        yield [*_place(shift), *times, shift.net_sales_minor, *figures, shift.late_minor]


def _tender_rows(rows: Iterator[tuple[Shift, list[Any]]]) -> Iterator[Cells]:
    for shift, tenders in rows:
        for each in tenders:
            counted = each["counted_minor"]
            over = None if counted is None else counted - each["expected_minor"]
            yield [*_place(shift), *(each[name] for name in _TENDER[:-1]), over]
